// The requests of each row of the measurement, and when an answer to one is right.
import { randomBytes } from 'node:crypto'
import { patientAt } from './fill.js'
import { type Answer, httpRequest } from './http-connection.js'
import type { Job, RowName } from './job.js'
import { findDocuments, freshOid, type Message, provideAndRegister, register, retrieve, sha1Of } from './messages.js'

export interface Row {
  /** Makes the bytes of the next request. */
  next(): Buffer
  /** Why an answer is wrong; undefined when it is right. */
  wrong(answer: Answer): string | undefined
}

export function rowOf(job: Job): Row {
  const url = new URL(job.url)
  const row = rows[job.row](job)
  return {
    next() {
      const message = row.message()
      if (message === undefined) return httpRequest('GET', url, {})
      return httpRequest('POST', url, { contentType: message.contentType, body: message.body })
    },
    wrong(answer) {
      if (answer.status !== 200) return `HTTP ${answer.status}: ${answer.body.toString('utf8', 0, 500)}`
      return job.bare ? undefined : row.wrong?.(answer.body)
    },
  }
}

interface Kind {
  /** Undefined for a GET. */
  message(): Message | undefined
  wrong?(body: Buffer): string | undefined
}

const rows: Record<RowName, (job: Job) => Kind> = {
  hello: () => ({ message: () => undefined }),
  'ITI-41 10 kB': submitting,
  'ITI-41 1 MB': submitting,
  'ITI-42 12 kB': job => {
    const patientOf = patientsIn(job, 'odd')
    return {
      message() {
        const { repositoryUniqueId, documentBytes } = job
        const hash = randomBytes(20).toString('hex')
        const described = { uniqueId: freshOid(), patientId: patientOf(), repositoryUniqueId }
        return register({ ...described, hash, sizeBytes: documentBytes })
      },
      wrong: notSuccess,
    }
  },
  'ITI-18 1 entry': job => finding(job, 1),
  'ITI-18 10 entries': job => finding(job, 10),
  'ITI-18 30 entries': job => finding(job, 30),
  'ITI-18 100 entries': job => finding(job, 100),
  'ITI-43 10 kB': retrieving,
  'ITI-43 1 MB': retrieving,
}

function submitting(job: Job): Kind {
  return {
    message() {
      const document = freshBytes(job.documentBytes)
      const described = {
        uniqueId: freshOid(),
        patientId: job.patientId,
        hash: sha1Of(document),
        sizeBytes: document.length,
      }
      return provideAndRegister(described, document)
    },
    wrong: notSuccess,
  }
}

function retrieving(job: Job): Kind {
  let turn = 0
  return {
    message: () => retrieve(job.repositoryUniqueId, [job.uniqueIds[turn++ % job.uniqueIds.length] ?? '']),
    wrong: body =>
      notSuccess(body) ?? (body.length > job.documentBytes ? undefined : `only ${body.length} bytes came back`),
  }
}

function finding(job: Job, entries: number): Kind {
  const message = findDocuments(job.patientId)
  const patientOf = patientsIn(job, 'even')
  return {
    message: () => (job.patients === undefined ? message : findDocuments(patientOf())),
    wrong(body) {
      const found = body.toString('latin1').match(/<(?:\w+:)?ExtrinsicObject[ >]/g)?.length ?? 0
      return notSuccess(body) ?? (found === entries ? undefined : `${found} entries instead of ${entries}`)
    },
  }
}

/** Anywhere among them, never the same ones for queries, whose answers are counted, and for submissions. */
function patientsIn({ patientId, patients }: Job, which: 'odd' | 'even'): () => string {
  if (patients === undefined) return () => patientId
  const half = Math.floor(patients / 2)
  return () => patientAt(2 * Math.ceil(Math.random() * half) - (which === 'odd' ? 1 : 0))
}

function notSuccess(body: Buffer): string | undefined {
  // The envelope stands before the documents.
  const text = body.toString('latin1', 0, 16_384)
  return /status="[^"]*:Success"/.test(text) ? undefined : text.slice(0, 1000)
}

/** Bytes that no other document has; cheaper than random ones all through. */
function freshBytes(size: number): Buffer {
  const bytes = Buffer.alloc(size, 'Carnet ')
  randomBytes(24).copy(bytes)
  return bytes
}
