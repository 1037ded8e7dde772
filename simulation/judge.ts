// When all is calm again: everything is looked at from outside, and nothing may be lost, half there, twice there or unaudited.
import { storedQueryIds } from '../acceptance/stored-queries.js'
import { registryStoredQuery } from '../transactions/xds.js'
import { type Doing, nameOf, wasRemoved } from './doing.js'
import { holdsStand } from './keeping.js'
import { type Call, keptCertainty, outcomeSoFar, registeredCertainty, type SentSubmission } from './ledger.js'
import { bytesOf, changesOf, entriesOf } from './looking.js'
import { family, faultsOfBytes, faultsOfEntry, isOfSubsumed, send } from './operations.js'
import { foldersAreWhole, nothingElseIsThere } from './overview.js'
import type { Surroundings } from './world.js'

/** Faults go to the ledger of the world; it changes nothing but by sending again what was not acknowledged, last. */
export async function judge(doing: Doing): Promise<void> {
  await documentsAreWhole(doing)
  await setsAreWhole(doing)
  await foldersAreWhole(doing)
  await nothingElseIsThere(doing)
  await holdsStand(doing)
  await sendingAgainIsSafe(doing)
  await documentsAreWhole(doing)
}

/** Acknowledged: there, with its bytes. Unknown: wholly there or wholly absent. Registry and repository agree. */
export async function documentsAreWhole({ party, ledger }: Doing): Promise<void> {
  const { documents, faults } = ledger
  for (let at = 0; at < documents.length; at += 20) {
    const some = documents.slice(at, at + 20)
    const asked = [...new Set(some.flatMap(family))]
    const found = await entriesOf(asked, party)
    if (found === undefined) {
      faults.push('the registry does not answer although all is calm')
      return
    }
    for (const document of some) {
      const before = registeredCertainty(document)
      faults.push(...faultsOfEntry(document, found, { certainty: before }, () => true))
      const isRegistered = (found.get(document.uniqueId)?.length ?? 0) > 0
      const bytes = await bytesOf(document, party)
      faults.push(...faultsOfBytes(document, bytes, keptCertainty(document)))
      if (bytes === undefined) faults.push(`document ${nameOf(document)}: no answer although all is calm`)
      if (isRegistered && bytes === null && document.removal.bytes === 'none')
        faults.push(`document ${nameOf(document)}: it is registered, and has no bytes`)
      if (!isRegistered && bytes !== null && !wasRemoved(document))
        faults.push(`document ${nameOf(document)}: its bytes are kept, and it is not registered`)
      document.isSeen = isRegistered
    }
  }
  for (const submission of ledger.submissions) faults.push(...halves(submission))
}

function halves({ number, documents }: SentSubmission): string[] {
  const seen = documents.filter(({ isSeen }) => isSeen).length
  return seen === 0 || seen === documents.length
    ? []
    : [`of submission ${number} ${seen} of ${documents.length} documents are there`]
}

/** Every submission set is as it was sent, and has all its members. */
export async function setsAreWhole({ party, ledger }: Doing): Promise<void> {
  for (const submission of ledger.submissions) {
    const [set] = submission.submission.submissionSets
    const { response } = await party.ask(registryStoredQuery, {
      id: storedQueryIds.GetSubmissionSetAndContents,
      returnType: 'LeafClass',
      slots: [
        { name: '$XDSSubmissionSetUniqueId', values: [`'${set!.uniqueId}'`] },
        { name: '$MetadataLevel', values: ['2'] },
      ],
    })
    const result = response?.result
    if (result === undefined) {
      ledger.faults.push('the registry does not answer although all is calm')
      return
    }
    const [found] = result.submissionSets
    const isSeen = submission.documents.every(({ isSeen }) => isSeen)
    if ((found !== undefined) !== isSeen)
      ledger.faults.push(
        `the SubmissionSet of submission ${submission.number} is ${isSeen ? 'not there' : 'there'}, unlike its documents`,
      )
    if (found !== undefined)
      ledger.faults.push(...changesOf(set!, found).map(change => `submission ${submission.number}: ${change}`))
    const expected = found === undefined ? 0 : submission.documents.length
    const ids = new Set(result.documentEntries.map(({ entryUUID }) => entryUUID))
    const members = result.associations.filter(
      ({ associationType, sourceObject, targetObject }) =>
        associationType === 'HasMember' && sourceObject === set!.entryUUID && ids.has(targetObject),
    ).length
    if (result.documentEntries.length !== expected || members !== expected)
      ledger.faults.push(
        `submission ${submission.number} has ${result.documentEntries.length} entries and ${members} memberships instead of ${expected}`,
      )
  }
}

/** What nobody could tell is sent again: it must be taken, unless what it leans on has changed meanwhile. */
async function sendingAgainIsSafe(doing: Doing): Promise<void> {
  const { ledger, party } = doing
  for (const sent of ledger.submissions) {
    if (sent.sentBy !== party.name || outcomeSoFar(sent) !== 'unknown') continue
    const leans = sent.submission.associations.some(({ associationType }) => associationType !== 'HasMember')
    const wasThere = sent.documents.every(({ isSeen }) => isSeen)
    await send(sent, doing)
    const last = sent.attempts.at(-1)
    if (last?.outcome === 'acknowledged' || sent.documents.some(wasRemoved)) continue
    if (!wasThere && (leans || isOfSubsumed(sent, ledger)) && last?.outcome === 'refused') continue
    ledger.faults.push(
      `submission ${sent.number} was sent without an answer, and again when all was calm: ${last?.outcome} (${sent.refusal ?? ''})`,
    )
  }
}

// ---- audit -----------------------------------------------------------------------------------------------------------

interface Recorded {
  source?: string
  type?: { code?: string }
  trace?: string
  outcome?: string | number
}

/** How long a commit that nobody waits for may be unsynced, and what its record may lack after a loss of power. */
const unsyncedMs = 150

/** One record of each transaction on its side; of those that nobody answered at most one. [ITI TF-2:3.20] */
export async function auditIsComplete(world: Surroundings, doing: Doing): Promise<void> {
  const { ledger } = doing
  const records = await allRecords(world)
  if (records === undefined) {
    ledger.faults.push('the audit service does not answer although all is calm')
    return
  }
  const counts = new Map<string, number>()
  for (const { source, type, trace, outcome } of records) {
    for (const key of [`${source} ${type?.code} ${trace}`, `${source} ${type?.code} ${trace} ${outcome}`])
      counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  for (const call of ledger.calls) {
    const key = `carnet-${call.service} ${call.transaction} ${call.traceId}`
    const count = counts.get(key) ?? 0
    const mayBeLost = !call.isAnswered || call.isHeld || (!call.isSynced && lostPower(call, world))
    if (call.isAnswered && count > 0) ledger.faults.push(...otherOutcome(call, count, counts.get(`${key} 0`) ?? 0))
    if (call.records.includes(count) || (count === 0 && mayBeLost)) continue
    if (!call.isAnswered && isEndedLater(call, counts.get(`${key} 0`) ?? 0, counts.get(`${key} 8`) ?? 0, count))
      continue
    ledger.faults.push(
      `${call.transaction} of trace ${call.traceId} ${call.isAnswered ? 'was answered' : 'had no answer'} and has ${count} audit records`,
    )
  }
  for (const submission of ledger.submissions) {
    if (outcomeSoFar(submission) !== 'acknowledged') continue
    // A repository that has lost the answer may have heard of the outcome by ITI-18.
    for (const [service, outcome] of [
      ['registry', ' 0'],
      ['repository', ''],
    ]) {
      const told = submission.attempts.some(
        ({ traceId }) => (counts.get(`carnet-${service} ITI-42 ${traceId}${outcome}`) ?? 0) > 0,
      )
      if (!told) ledger.faults.push(`submission ${submission.number} has no audit record of ITI-42 at the ${service}`)
    }
  }
}

/**
 * A removal of which nobody was told is ended by the next start, all that one start ends in one record; beside what was
 * written of it when it failed half way. docs/decisions/0122
 */
function isEndedLater({ transaction, documents = 1 }: Call, good: number, bad: number, all: number): boolean {
  return transaction === 'ITI-86' && good >= 1 && good <= documents && bad <= 1 && good + bad === all
}

/** What is written down is what was told. [ITI TF-2:3.20.4.1.1.1] */
function otherOutcome({ transaction, traceId, isSuccess, records }: Call, count: number, good: number): string[] {
  // What failed half way and was ended later has a record of each.
  if (records.length > 1 && transaction === 'ITI-86') return []
  if (good === (isSuccess ? count : 0)) return []
  return [
    `${transaction} of trace ${traceId} was told ${isSuccess ? 'success' : 'failure'}, and ${good} of its ${count} audit records say that it was a success`,
  ]
}

function lostPower({ service, beganMs, endedMs }: Call, { machines }: Surroundings): boolean {
  const { powerLosses, weather } = machines[service]
  const losses = [...powerLosses.map(atMs => ({ fromMs: atMs, toMs: atMs })), ...weather.failedLogSyncs]
  return losses.some(({ fromMs, toMs }) => toMs >= beganMs && fromMs <= endedMs + unsyncedMs)
}

async function allRecords({ urls, caller }: Surroundings): Promise<Recorded[] | undefined> {
  const client = caller('auditor').network.httpClient()
  const records: Recorded[] = []
  for (let after = 0; ; ) {
    const url = `${urls.audit}?after=${after}&limit=1000`
    const answer = await client.call({ url, method: 'GET', headers: {}, timeoutMs: 60_000 }).catch(() => undefined)
    if (answer?.status !== 200) return undefined
    const pieces: Uint8Array[] = []
    for await (const piece of answer.body) pieces.push(piece)
    const page = JSON.parse(Buffer.concat(pieces).toString()) as { records: Recorded[]; next?: number }
    if (page.records.length === 0 || page.next === undefined) return records
    records.push(...page.records)
    after = page.next
  }
}
