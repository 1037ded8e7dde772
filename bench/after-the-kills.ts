// What must be true when the killing is over: of each document all or nothing, and of what was acknowledged all, with its audit.
import { type Entry, entriesOf, unpacked } from './answers.js'
import { type Deployment, pause } from './deployment.js'
import { httpRequest, openConnection } from './http-connection.js'
import { getDocumentsByUniqueId, retrieve, sha1Of } from './messages.js'
import { ask, type Submitted } from './submitters.js'

/** Sentences about what does not hold for one document; empty when all is well. */
export async function faultsOf(carnet: Deployment, one: Submitted): Promise<string[]> {
  const registered = await entriesRegistered(carnet, one.uniqueId)
  const bytes = await bytesKept(carnet, one.uniqueId)
  const said = (fault: string) => `${one.outcome} ${one.uniqueId} (trace ${one.traceId}; ${one.why}): ${fault}`
  if (one.outcome === 'refused') {
    return [
      ...(registered.length > 0 ? [said('it was refused and is registered')] : []),
      ...(bytes !== undefined ? [said('it was refused and can be retrieved')] : []),
    ]
  }
  if (one.outcome === 'unknown' && registered.length === 0)
    return bytes === undefined ? [] : [said('it can be retrieved and is not registered')]
  if (registered.length === 0) return [said('it is not registered')]
  if (registered.length > 1) return [said(`it is registered ${registered.length} times`)]
  const [entry] = registered as [Entry]
  return [
    ...(bytes === undefined ? [said('it cannot be retrieved')] : []),
    ...(bytes !== undefined && !bytes.equals(one.bytes) ? [said('other bytes came back')] : []),
    ...metadataFaults(one, entry, carnet.repositoryUniqueId).map(said),
  ]
}

async function entriesRegistered(carnet: Deployment, uniqueId: string): Promise<Entry[]> {
  const reading = await ask(carnet, carnet.urls.registry, getDocumentsByUniqueId([uniqueId]))
  if (reading.status !== 'Success')
    throw new Error(`the query for ${uniqueId} failed: ${reading.fault ?? JSON.stringify(reading.errors)}`)
  return reading.entries
}

async function bytesKept(carnet: Deployment, uniqueId: string): Promise<Buffer | undefined> {
  const reading = await ask(carnet, carnet.urls.repository, retrieve(carnet.repositoryUniqueId, [uniqueId]))
  if (reading.status === 'Success') return reading.documents[0]?.bytes
  if (reading.errors.every(({ code }) => code === 'XDSDocumentUniqueIdError') && reading.errors.length > 0)
    return undefined
  throw new Error(`the retrieval of ${uniqueId} failed: ${reading.fault ?? JSON.stringify(reading.errors)}`)
}

/** All that was sent is there, and nothing else but what a repository and a registry add. */
function metadataFaults(one: Submitted, kept: Entry, repositoryUniqueId: string): string[] {
  const [sent] = entriesOf(unpacked(one.message).envelope)
  if (sent === undefined) throw new Error('no entry in a message of ours')
  const added = [
    `Slot repositoryUniqueId=${repositoryUniqueId}`,
    `Slot hash=${sha1Of(one.bytes)}`,
    `Slot size=${one.bytes.length}`,
  ]
  const expected = [...new Set([...sent.facts, ...added])].sort()
  const missing = expected.filter(fact => !kept.facts.includes(fact))
  const foreign = kept.facts.filter(fact => !expected.includes(fact))
  return [
    ...missing.map(fact => `"${fact}" is missing`),
    ...foreign.map(fact => `"${fact}" was never sent`),
    ...(kept.status === 'Approved' ? [] : [`its status is ${kept.status}`]),
    ...(kept.mimeType === sent.mimeType ? [] : [`its mimeType is ${kept.mimeType}`]),
  ]
}

interface ExpectedRecord {
  source: string
  type: string
  event: string
  side: string
}

/** Each side's record of an acknowledged submission. [ITI TF-2:3.41.6, 3.42.6] */
const ofSubmission: readonly ExpectedRecord[] = [
  { source: 'carnet-repository', type: 'ITI-41', event: '110107', side: 'ITI-41 as the repository received it' },
  { source: 'carnet-repository', type: 'ITI-42', event: '110106', side: 'ITI-42 as the repository sent it' },
  { source: 'carnet-registry', type: 'ITI-42', event: '110107', side: 'ITI-42 as the registry received it' },
]

/** Of a document that was given to somebody. [ITI TF-2:3.43.6] */
export const ofRetrieval: readonly ExpectedRecord[] = [
  { source: 'carnet-repository', type: 'ITI-43', event: '110106', side: 'ITI-43 as the repository answered it' },
]

export interface AuditedRecord {
  source?: string
  outcome?: string | number
  event?: { code?: string }
  type?: { code?: string }
}

/** Which records are missing; asks again for a while, since they travel behind the answers. */
export async function auditFaultsOf(
  carnet: Deployment,
  one: Pick<Submitted, 'traceId'>,
  patienceMs: number,
  wanted = ofSubmission,
): Promise<string[]> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const records = await recordsOf(carnet, one.traceId)
    const missing = wanted.filter(
      expected =>
        !records.some(
          ({ source, type, event, outcome }) =>
            source === expected.source &&
            type?.code === expected.type &&
            event?.code === expected.event &&
            String(outcome) === '0',
        ),
    )
    if (missing.length === 0) return []
    if (performance.now() > deadline)
      return missing.map(
        ({ side }) => `no audit record of ${side} (trace ${one.traceId}; there are ${inWords(records)})`,
      )
    await pause(500)
  }
}

const inWords = (records: readonly AuditedRecord[]) =>
  records.map(({ source, type, event, outcome }) => `${source} ${type?.code} ${event?.code} ${outcome}`).join(', ') ||
  'none'

export async function recordsOf(carnet: Deployment, traceId: string): Promise<AuditedRecord[]> {
  const url = new URL(`${carnet.urls.audit}/records?trace=${traceId}`)
  const connection = await openConnection(url, carnet.admin)
  try {
    const { status, body } = await connection.send(httpRequest('GET', url, {}))
    if (status !== 200) throw new Error(`the audit service answered ${status}: ${body.toString('utf8', 0, 300)}`)
    return JSON.parse(body.toString()).records
  } finally {
    connection.close()
  }
}
