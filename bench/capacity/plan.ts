// From what one costs to what a population needs. Arithmetic alone; what is assumed is given.
import type { Cost, Kind } from './measure.js'

/** A patient and year. */
export interface Assumed {
  documents: number
  documentBytes: number
  queries: number
  retrievals: number
  /** That documents, and their entries, are kept. */
  years: number
  auditYears: number
}

/** Of a year, four fifths on 250 days of ten hours … */
const busyShare = 0.8
const busySeconds = 250 * 10 * 3_600
/** … and the busiest seconds of these have so many times as much as the others. */
const peakFactor = 4
/** Of a core no more is planned with, so that a second at its peak is answered like any other. */
const usableCore = 0.5

export function needs(patients: number, assumed: Assumed, costs: Record<Kind, Cost>): Record<string, string | number> {
  const yearly: Record<Kind, number> = {
    submission: patients * assumed.documents,
    query: patients * assumed.queries,
    retrieval: patients * assumed.retrievals,
  }
  const atPeak = (kind: Kind) => ((yearly[kind] * busyShare) / busySeconds) * peakFactor
  const kinds = Object.keys(yearly) as Kind[]
  const sum = (of: (kind: Kind) => number) => kinds.reduce((all, kind) => all + of(kind), 0)
  const cores = (process: keyof Cost['cpuMs']) =>
    sum(kind => (atPeak(kind) * costs[kind].cpuMs[process]) / 1_000) / usableCore
  const entries = yearly.submission * assumed.years
  return {
    patients,
    'submissions/s': atPeak('submission'),
    'queries/s': atPeak('query'),
    'retrievals/s': atPeak('retrieval'),
    'registry GB': gigabytes(entries * costs.submission.registryBytes),
    'repository GB': gigabytes(entries * costs.submission.repositoryBytes),
    'documents GB': gigabytes(entries * assumed.documentBytes),
    'audit GB': gigabytes(sum(kind => yearly[kind] * costs[kind].auditBytes) * assumed.auditYears),
    'registry cores': cores('registry'),
    'server cores': cores('server'),
    'repository cores': cores('repository'),
    'audit cores': cores('audit'),
  }
}

const gigabytes = (bytes: number) => bytes / 1e9
