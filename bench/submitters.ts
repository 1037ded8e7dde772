// Document Sources that go on submitting while services die, and remember what they were told about each document.
import { randomBytes } from 'node:crypto'
import { type Reading, readAnswer } from './answers.js'
import { type Deployment, pause } from './deployment.js'
import { httpRequest, openConnection } from './http-connection.js'
import { freshOid, provideAndRegister, retrieve, sha1Of } from './messages.js'

export interface Submitted {
  uniqueId: string
  patientId: string
  /** The whole message, for comparing metadata. */
  message: { contentType: string; body: Buffer }
  bytes: Buffer
  /** 32 hex digits, sent as traceparent. */
  traceId: string
  /** acknowledged: Success was read. refused: an answer said no. unknown: no answer, or one that cannot tell. */
  outcome: 'acknowledged' | 'refused' | 'unknown'
  why: string
}

export interface Submitters {
  submitted: Submitted[]
  /** Documents that came back wrong while services died. */
  wrongReads: string[]
  reads: number
  /** Trace ids of the reads that brought a document. */
  retrieved: string[]
  /** Resolves when every request under way has ended. */
  stop(): Promise<void>
}

export interface Load {
  writers: number
  readers: number
  pauseMs: number
  /** Whether what holds the documents, or what is known of them, dies too: then they cannot be read for a while, and that is said. */
  mayBeAway?: boolean
}

export function startSubmitters(
  carnet: Deployment,
  { writers, readers, pauseMs, mayBeAway = false }: Load,
): Submitters {
  const state: Submitters = { submitted: [], wrongReads: [], reads: 0, retrieved: [], stop }
  let running = true
  const work = [
    ...Array.from({ length: writers }, (_, index) => again(() => submitOne(carnet, state, index))),
    ...Array.from({ length: readers }, () => again(() => readOne(carnet, state, mayBeAway))),
  ]

  async function again(one: () => Promise<void>): Promise<void> {
    while (running) {
      await one()
      await pause(pauseMs * (0.5 + Math.random()))
    }
  }

  async function stop(): Promise<void> {
    running = false
    await Promise.all(work)
  }
  return state
}

/** One request on a connection of its own: a reset connection then means nothing for the next. */
export async function ask(
  carnet: Deployment,
  url: string,
  message: { contentType: string; body: Buffer },
  headers: Record<string, string> = {},
): Promise<Reading> {
  const target = new URL(url)
  const connection = await openConnection(target, carnet.client, 60_000)
  try {
    return readAnswer(await connection.send(httpRequest('POST', target, { ...message, headers })))
  } finally {
    connection.close()
  }
}

async function submitOne(carnet: Deployment, state: Submitters, writer: number): Promise<void> {
  const bytes = randomBytes(64 + Math.floor(Math.random() * (Math.random() < 0.1 ? 300_000 : 20_000)))
  const uniqueId = freshOid()
  const patientId = `KILLS-${writer}^^^&2.999.1&ISO`
  const hashed = Math.random() < 0.5 ? { hash: sha1Of(bytes), sizeBytes: bytes.length } : {}
  const described = {
    uniqueId,
    patientId,
    title: `Document ${uniqueId}`,
    mimeType: 'application/octet-stream',
    ...hashed,
  }
  const message = provideAndRegister(described, bytes)
  const { traceId, traceparent } = freshTrace()
  const entry: Submitted = { uniqueId, patientId, message, bytes, traceId, outcome: 'unknown', why: 'no answer' }
  state.submitted.push(entry)
  try {
    Object.assign(entry, told(await ask(carnet, carnet.urls.repository, message, { traceparent })))
  } catch (problem) {
    entry.why = (problem as Error).message
  }
}

function freshTrace(): { traceId: string; traceparent: string } {
  const traceId = randomBytes(16).toString('hex')
  return { traceId, traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` }
}

// A registry that gave no answer, or was busy, may have committed all the same: such a No does not tell what became of the document.
const cannotTell = ['XDSRegistryNotAvailable', 'XDSRegistryBusy', 'XDSRepositoryBusy']

export function told({ status, errors, fault, http }: Reading): Pick<Submitted, 'outcome' | 'why'> {
  const why = `HTTP ${http} ${status} ${errors.map(({ code, context }) => `${code}: ${context}`).join('; ')}${fault ?? ''}`
  if (status === 'Success') return { outcome: 'acknowledged', why }
  const isOpen = errors.some(
    ({ code, context }) => cannotTell.includes(code) || context.includes('may yet be registered'),
  )
  if (status === '' || isOpen) return { outcome: 'unknown', why }
  return { outcome: 'refused', why }
}

const saysAway = ['XDSRepositoryError', 'XDSRepositoryBusy']

async function readOne(carnet: Deployment, state: Submitters, mayBeAway: boolean): Promise<void> {
  const acknowledged = state.submitted.filter(({ outcome }) => outcome === 'acknowledged')
  const one = acknowledged[Math.floor(Math.random() * acknowledged.length)]
  if (one === undefined) return
  try {
    const { traceId, traceparent } = freshTrace()
    const request = retrieve(carnet.repositoryUniqueId, [one.uniqueId])
    const reading = await ask(carnet, carnet.urls.repository, request, { traceparent })
    if (reading.status === 'Success') state.retrieved.push(traceId)
    const isAway = reading.errors.length > 0 && reading.errors.every(({ code }) => saysAway.includes(code))
    if (isAway && mayBeAway) return
    state.reads += 1
    if (reading.status !== 'Success')
      state.wrongReads.push(`${one.uniqueId}: ${JSON.stringify(reading.errors)} ${reading.fault ?? ''}`)
    else if (!reading.documents[0]?.bytes.equals(one.bytes)) state.wrongReads.push(`${one.uniqueId}: other bytes`)
  } catch {
    // The service was killed under this request; a broken connection is the right answer to that.
  }
}
