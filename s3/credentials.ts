// The credentials of an object storage, from a file that may be replaced while the service runs.
import type { Files } from '../ports/files.js'
import { S3Problem } from './problem.js'
import type { Credentials } from './signature.js'

export interface CredentialsFile {
  current(): Promise<Credentials>
  /** They were refused: the next to ask reads the file again. */
  forget(): void
}

/** The file holds `{"accessKeyId": "…", "secretAccessKey": "…"}`, and `"sessionToken"` where there is one. */
export function credentialsIn(path: string, files: Pick<Files, 'readFile'>): CredentialsFile {
  let read: Promise<Credentials> | undefined
  return {
    async current() {
      read ??= readCredentials(path, files)
      try {
        return await read
      } catch (problem) {
        read = undefined
        throw problem
      }
    },
    forget() {
      read = undefined
    },
  }
}

async function readCredentials(path: string, files: Pick<Files, 'readFile'>): Promise<Credentials> {
  // What is wrong with it is put right by replacing it, while we run.
  const wrong = (why: string) =>
    new S3Problem('refused', `the credentials of the object storage cannot be used: ${path} ${why}`)
  let value: Partial<Record<keyof Credentials, unknown>>
  try {
    value = JSON.parse(String(await files.readFile(path))) ?? {}
  } catch (problem) {
    throw wrong(problem instanceof SyntaxError ? 'is not JSON' : `cannot be read (${codeOf(problem)})`)
  }
  const { accessKeyId, secretAccessKey, sessionToken } = value
  if (!isText(accessKeyId) || !isText(secretAccessKey)) throw wrong('needs accessKeyId and secretAccessKey')
  if (sessionToken === undefined) return { accessKeyId, secretAccessKey }
  if (!isText(sessionToken)) throw wrong('has a sessionToken that is no text')
  return { accessKeyId, secretAccessKey, sessionToken }
}

/** Nothing that could end a header line. */
const isText = (value: unknown): value is string => typeof value === 'string' && /^[!-~]+$/.test(value)
const codeOf = (problem: unknown) => (problem as { code?: unknown }).code ?? 'unknown reason'
