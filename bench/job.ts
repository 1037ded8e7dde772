// What the load generator is told and what it tells: plain data between two processes.

export type RowName =
  | 'hello'
  | 'ITI-41 10 kB'
  | 'ITI-42 12 kB'
  | 'ITI-18 1 entry'
  | 'ITI-18 10 entries'
  | 'ITI-18 30 entries'
  | 'ITI-18 100 entries'
  | 'ITI-43 10 kB'
  | 'ITI-41 1 MB'
  | 'ITI-43 1 MB'

export interface Job {
  row: RowName
  url: string
  /** Folder with certs/client.pem, client.key, ca.pem. */
  certificates: string
  connections: number
  seconds: number
  repositoryUniqueId: string
  /** The patient asked about, or submitted for. */
  patientId: string
  /** Or so many patients beside it, one after the other: those of a registry that was filled. */
  patients?: number
  /** Documents that can be retrieved. */
  uniqueIds: string[]
  /** Size of the documents submitted and retrieved. */
  documentBytes: number
  /** Whether the answers are those of the bare server: right when they are there at all. */
  bare: boolean
}

export interface Outcome {
  requests: number
  failures: number
  firstFailure: string | undefined
  seconds: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
}
