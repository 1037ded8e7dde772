// What partners do, each a row: how often, and what. Every answer is held at once against what must be.
import type { DocumentEntry } from '../metadata/model.js'
import { patientDuplicatesResolved, patientRecordAdded } from '../transactions/hl7v3/patient-feed.js'
import { updateDocumentSet } from '../transactions/metadata-update.js'
import { removeDocuments, removeMetadata } from '../transactions/remove.js'
import { provideAndRegisterDocumentSet } from '../transactions/xds.js'
import { type Doing, free, isRemovable, nameOf, wasRemoved, working } from './doing.js'
import { hold, move, rewrap } from './keeping.js'
import {
  keptCertainty,
  type Ledger,
  type Outcome,
  outcomeSoFar,
  registeredCertainty,
  type SentDocument,
  type SentSubmission,
} from './ledger.js'
import { bytesOf, differencesOf, entriesOf } from './looking.js'
import { outcomeOf } from './party.js'
import { impostorOf, newSubmission, objectsOf, patients, requestOf, updateOf } from './sending.js'
import { repositoryUniqueId } from './world.js'

type Operation = (doing: Doing) => Promise<void>

/** How often, among the others; and what. */
export const operations: readonly [weight: number, operation: Operation][] = [
  [24, submit],
  [5, file],
  [8, sendAgain],
  [8, replace],
  [4, append],
  [5, update],
  [4, impersonate],
  [5, remove],
  [18, query],
  [18, retrieve],
  [4, announce],
  [1, merge],
  [3, hold],
  [2, rewrap],
  [3, move],
]

const total = operations.reduce((sum, [weight]) => sum + weight, 0)

export async function doSomething(doing: Doing): Promise<void> {
  let left = doing.chance.whole(1, total)
  for (const [weight, operation] of operations) {
    left -= weight
    if (left <= 0) return operation(doing)
  }
}

// ---- what changes something ------------------------------------------------------------------------------------------

async function submit(doing: Doing): Promise<void> {
  const { chance, ledger, party } = doing
  const documents = chance.percent(80) ? 1 : chance.whole(2, 4)
  const wanted = { sentBy: party.name, patientId: chance.pick(patients), documents }
  await send(newSubmission(wanted, chance, ledger), doing)
}

/** Into a Folder that comes with them, or into one that is there. */
async function file(doing: Doing): Promise<void> {
  const { chance, ledger, party } = doing
  const known = ledger.folders.filter(({ submission }) => outcomeSoFar(submission) === 'acknowledged')
  const there = known.filter(({ submission }) => !submission.documents.some(each => each.isBusy || wasRemoved(each)))
  const folder = there.length > 0 && chance.percent(60) ? chance.pick(there) : ('new' as const)
  const patientId = folder === 'new' ? chance.pick(patients) : folder.folder.patientId!
  const wanted = { sentBy: party.name, patientId, documents: chance.whole(1, 3), folder }
  await send(newSubmission(wanted, chance, ledger), doing)
}

/** Nothing but the message is new. */
async function sendAgain(doing: Doing): Promise<void> {
  const { chance, ledger, party } = doing
  const own = ledger.submissions.filter(({ sentBy }) => sentBy === party.name)
  const open = own.filter(sent => outcomeSoFar(sent) === 'unknown')
  const candidates = open.length > 0 && chance.percent(80) ? open : own
  if (candidates.length > 0) await send(chance.pick(candidates), doing)
}

export async function send(sent: SentSubmission, { party, ledger }: Doing): Promise<void> {
  const wasAcknowledged = outcomeSoFar(sent) === 'acknowledged'
  // From here on it may be there.
  const attempt: SentSubmission['attempts'][number] = { traceId: '', outcome: 'unknown' }
  sent.attempts.push(attempt)
  party.note(`sends submission ${sent.number}`)
  // An answer that is only given again has nothing to commit: its audit record is synced a little later.
  const isSynced = sent.attempts.length === 1
  const { response, traceId } = await party.ask(provideAndRegisterDocumentSet, requestOf(sent), { isSynced })
  Object.assign(attempt, { traceId, outcome: outcomeOf(response) })
  if (attempt.outcome !== 'refused') return
  const words = response!.errors.map(({ errorCode, codeContext }) => `${errorCode}: ${codeContext}`).join('; ')
  sent.refusal ??= words
  const isFull = response!.errors.some(({ errorCode }) => errorCode.endsWith('OutOfResources'))
  if (wasAcknowledged && !isFull && !sent.documents.some(wasRemoved))
    ledger.faults.push(`submission ${sent.number} was acknowledged, and is refused when it is sent again: ${words}`)
}

export function isOfSubsumed(sent: SentSubmission, { merges }: Ledger): boolean {
  return sent.documents.some(({ patientId }) => merges.some(({ subsumed }) => subsumed === patientId))
}

async function replace(doing: Doing): Promise<void> {
  const { chance, ledger, party } = doing
  const target = free(ledger, chance, document => registeredCertainty(document) === 'there')
  if (target === undefined) return
  await working([target], async () => {
    const related = { associationType: chance.percent(70) ? 'RPLC' : 'XFRM_RPLC', target } as const
    const wanted = { sentBy: party.name, patientId: target.patientId, documents: 1, related }
    const sent = newSubmission(wanted, chance, ledger)
    target.replacedBy.push(...sent.documents)
    target.hasDependents = true
    await send(sent, doing)
  })
}

async function append(doing: Doing): Promise<void> {
  const { chance, ledger, party } = doing
  const target = free(ledger, chance, document => registeredCertainty(document) === 'there')
  if (target === undefined) return
  await working([target], async () => {
    target.hasDependents = true
    const related = { associationType: chance.percent(60) ? 'APND' : 'XFRM', target } as const
    const wanted = { sentBy: party.name, patientId: target.patientId, documents: 1, related }
    const sent = newSubmission(wanted, chance, ledger)
    for (const document of sent.documents) document.appendedTo = target
    await send(sent, doing)
  })
}

async function update(doing: Doing): Promise<void> {
  const { chance, ledger, party } = doing
  const target = free(
    ledger,
    chance,
    document => registeredCertainty(document) === 'there' && document.replacedBy.length === 0,
  )
  if (target === undefined) return
  await working([target], async () => {
    target.hasDependents = true
    target.isUpdated = true
    const [version] = (await entriesOf([target], party))?.get(target.uniqueId) ?? []
    if (version === undefined) return
    const title = `Neu ${chance.whole(1, 1_000_000)}`
    const before = target.titles
    target.titles = [...before, title]
    const { response } = await party.ask(updateDocumentSet, updateOf(target, version, title, chance), {
      isSynced: true,
    })
    const outcome = outcomeOf(response)
    if (outcome === 'acknowledged') target.titles = [title]
    if (outcome === 'refused') target.titles = before
  })
}

/** Other bytes under a uniqueId that is taken. */
async function impersonate({ chance, ledger, party }: Doing): Promise<void> {
  const target = chance.pick([undefined, ...ledger.documents.slice(-20)])
  if (target === undefined) return
  const isTaken = () => keptCertainty(target) === 'there' && registeredCertainty(target) === 'there'
  if (!isTaken()) return
  // Once it is removed its uniqueId is free, and a message that was long on its way may take it.
  target.hasDependents = true
  const { response } = await party.ask(provideAndRegisterDocumentSet, impostorOf(target, chance), { isSynced: true })
  if (response?.status === 'Success' && isTaken())
    ledger.faults.push(`a second document was taken under the uniqueId of document ${nameOf(target)}`)
}

async function remove(doing: Doing): Promise<void> {
  const target = free(doing.ledger, doing.chance, document => isRemovable(document, doing.ledger))
  if (target !== undefined) await removeDocument(target, doing)
}

/** With all that came with it: metadata first, then the bytes, as whoever removes does. */
export async function removeDocument({ submission }: SentDocument, { ledger, party }: Doing): Promise<void> {
  const { documents } = submission
  const removed = (what: 'metadata' | 'bytes', outcome: Outcome | 'none') => {
    for (const { removal } of documents) removal[what] = outcome
  }
  await working(documents, async () => {
    const entryUUIDs = objectsOf(submission.submission).map(({ entryUUID }) => entryUUID)
    party.note(`removes ${documents.map(nameOf).join(' and ')}`)
    removed('metadata', 'unknown')
    const first = await party.ask(removeMetadata, { entryUUIDs }, { isSynced: true })
    const outcome = afterRemoval(outcomeOf(first.response))
    removed('metadata', outcome)
    if (outcome !== 'acknowledged') return
    removed('bytes', 'unknown')
    const asked = documents.map(({ uniqueId }) => ({ repositoryUniqueId, documentUniqueId: uniqueId }))
    const second = await party.ask(removeDocuments, { documents: asked }, { isSynced: true })
    const isStuck = second.response?.errors.some(
      ({ errorCode, codeContext }) =>
        codeContext.includes('could not be removed') || errorCode === 'XDSRepositoryOutOfResources',
    )
    const isPartly = second.response?.status === 'PartialSuccess'
    removed('bytes', isPartly ? 'unknown' : afterRemoval(outcomeOf(second.response)))
    if (!isStuck) return
    // Its bytes may have gone before what failed, as where the disk had no room for the commit; then the next start ends it, and writes that down
    // too. docs/decisions/0122
    removed('bytes', 'unknown')
    const most = Array.from({ length: documents.length + 1 }, (_, count) => count + 1)
    for (const call of ledger.calls) if (call.traceId === second.traceId) call.records = most
  })
}

const afterRemoval = (outcome: 'acknowledged' | 'refused' | 'unknown') => (outcome === 'refused' ? 'none' : outcome)

async function announce({ chance, party }: Doing): Promise<void> {
  const patientIds = [`${chance.whole(1, 999)}^^^&2.999.5&ISO`]
  await party.ask(patientRecordAdded, { messageId: { root: party.ports.randomness.uuid() }, patientIds })
}

async function merge({ chance, ledger, party }: Doing): Promise<void> {
  const [survivor, ...others] = patients
  const subsumed = chance.pick(others)
  if (ledger.merges.some(merged => merged.subsumed === subsumed)) return
  const merged: Ledger['merges'][number] = { subsumed, survivor: survivor!, outcome: 'unknown' }
  ledger.merges.push(merged)
  const { response } = await party.ask(
    patientDuplicatesResolved,
    { messageId: { root: party.ports.randomness.uuid() }, patientIds: [survivor!], subsumedIds: [subsumed] },
    { isSynced: true },
  )
  if (response !== undefined) merged.outcome = response.typeCode === 'CA' ? 'acknowledged' : 'refused'
}

// ---- what looks ------------------------------------------------------------------------------------------------------

async function query({ chance, ledger, party }: Doing): Promise<void> {
  const some = Array.from({ length: 3 }, () => chance.pick([undefined, ...ledger.documents]))
  const known = some.filter(document => document !== undefined)
  const asked = [...new Set(known.flatMap(document => [...family(document), document.replaces ?? []].flat()))]
  if (asked.length === 0) return
  const before = new Map(asked.map(document => [document, registeredCertainty(document)]))
  const relatives = new Map(asked.map(document => [document, family(document).length]))
  const titles = new Map(asked.map(document => [document, document.titles]))
  const found = await entriesOf(asked, party)
  if (found === undefined) return
  // What was the title when the registry looked may no longer be it when its answer is there.
  for (const document of asked) document.formerTitles = titles.get(document) ?? []
  const isWhole = (document: SentDocument) => relatives.get(document) === family(document).length
  ledger.faults.push(
    ...asked.flatMap(document =>
      faultsOfEntry(document, found, { certainty: before.get(document), titles: titles.get(document) }, isWhole),
    ),
  )
  for (const document of asked) document.formerTitles = []
}

/** All that has a say in its status. */
export function family(document: SentDocument): SentDocument[] {
  return [document, ...document.replacedBy, ...(document.appendedTo === undefined ? [] : family(document.appendedTo))]
}

/** What was known of a document when the look at it began: an answer may be older than what has happened meanwhile. */
interface Before {
  certainty?: ReturnType<typeof registeredCertainty> | undefined
  titles?: readonly string[] | undefined
}

/** What one look at the registry shows of a document that cannot be. */
export function faultsOfEntry(
  document: SentDocument,
  found: ReadonlyMap<string, readonly DocumentEntry[]>,
  { certainty: before, titles: formerTitles = [] }: Before,
  knowsRelatives: (document: SentDocument) => boolean,
): string[] {
  const entries = found.get(document.uniqueId) ?? []
  const after = registeredCertainty(document)
  const said = (fault: string) => `document ${nameOf(document)}: ${fault}`
  if (entries.length > 1) return [said(`it is registered ${entries.length} times (${entries.map(inShort).join('; ')})`)]
  const [entry] = entries
  if (before === 'there' && after === 'there' && entry === undefined)
    return [said('it was acknowledged, and is not registered')]
  if (before === 'absent' && after === 'absent' && entry !== undefined)
    return [said(`it was refused or removed, and is registered (${document.submission.refusal ?? ''})`)]
  if (entry === undefined) return []
  const titles = [...formerTitles, ...document.titles]
  const faults = differencesOf({ ...document, titles }, entry).map(said)
  const relatives = family(document)
  const isKnown = relatives.every(({ uniqueId }) => found.has(uniqueId)) && knowsRelatives(document)
  // Who leans on a former version or on what was removed is another matter.
  if (!isKnown || relatives.some(relative => relative.isUpdated || wasRemoved(relative))) return faults
  const isThere = ({ uniqueId }: SentDocument) => (found.get(uniqueId)?.length ?? 0) > 0
  const replacements = document.replacedBy.filter(isThere).length
  if (replacements > 1) faults.push(said(`it was replaced ${replacements} times`))
  // Addenda of what is no longer in force are not either.
  const isReplaced = ({ replacedBy, appendedTo }: SentDocument): boolean =>
    replacedBy.some(isThere) || (appendedTo !== undefined && isReplaced(appendedTo))
  const expected = isReplaced(document) ? 'Deprecated' : 'Approved'
  if (entry.availabilityStatus !== expected)
    faults.push(said(`it is ${entry.availabilityStatus} and has ${replacements} replacements`))
  return faults
}

const inShort = ({ entryUUID, logicalID, version, availabilityStatus, hash }: DocumentEntry) =>
  `${entryUUID} of ${logicalID}, version ${version}, ${availabilityStatus}, ${hash}`

async function retrieve({ chance, ledger, party }: Doing): Promise<void> {
  const document = chance.pick([undefined, ...ledger.documents])
  if (document === undefined) return
  const before = keptCertainty(document)
  const bytes = await bytesOf(document, party)
  ledger.faults.push(...faultsOfBytes(document, bytes, before))
}

export function faultsOfBytes(
  document: SentDocument,
  bytes: Awaited<ReturnType<typeof bytesOf>>,
  before: ReturnType<typeof keptCertainty>,
): string[] {
  const after = keptCertainty(document)
  const said = (fault: string) => [`document ${nameOf(document)}: ${fault}`]
  if (bytes === undefined) return []
  if (bytes === 'damaged') return said('the repository says that it is damaged')
  if (bytes === null)
    return before === 'there' && after === 'there' ? said('it was acknowledged, and its bytes are gone') : []
  if (before === 'absent' && after === 'absent') return said('it was refused or removed, and its bytes are handed out')
  return bytes.equals(document.bytes) ? [] : said('other bytes were handed out')
}
