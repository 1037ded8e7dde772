// All machines are gone, and what a backup has of them is restored, by the code of `carnet restore`: what was acknowledged before it began is
// there, what came later is wholly there or absent, what was removed before stays away, and partners go on.
import { join } from 'node:path'
import { restore } from '../cli/backup/restore.js'
import { systemPorts } from '../ports/ports.js'
import { playedTerminal } from '../test/cli/played-terminal.js'
import type { Backups, Moment } from './backups.js'
import { chanceOf } from './chance.js'
import { type Doing, nameOf, wasRemoved } from './doing.js'
import { auditIsComplete, documentsAreWhole, setsAreWhole } from './judge.js'
import { type Ledger, openLedger, outcomeSoFar, type SentDocument, type SentSubmission } from './ledger.js'
import { bytesOf, differencesOf, entriesOf } from './looking.js'
import { send } from './operations.js'
import { openParty } from './party.js'
import { newSubmission } from './sending.js'
import { type Beginning, openWorld, serviceNames, type World } from './world.js'

/** With time passing while a work goes on. */
export type During = (work: Promise<unknown>, world: World) => Promise<void>

export interface Restoring {
  seed: string
  beginning: Beginning
  backups: Backups
  ledger: Ledger
  during: During
  calmMs: number
}

/** Faults go to the ledger. */
export async function restoringHolds(world: World, restoring: Restoring): Promise<void> {
  const { seed, beginning, backups, ledger, during, calmMs } = restoring
  const chance = chanceOf(`${seed}/restoring`)
  if (backups.whole.length === 0) return
  // The newest may be of a time when all was calm; the others lean on it.
  const taken = chance.pick(backups.whole)
  const { timeline } = world
  for (const name of serviceNames) world.machines[name].end()
  backups.machine.end()
  world.storage?.end()
  const [place, data] = [join(world.folder, 'taken'), join(world.folder, 'restored')]
  backups.save(place)
  const terminal = playedTerminal()
  try {
    await restore(place, { data, at: taken.generation, verify: true }, { ports: systemPorts, terminal })
  } catch (problem) {
    const said = [(problem as Error).message, ...terminal.complained].join('; ').replaceAll(world.folder, '')
    return void ledger.faults.push(`backup ${taken.generation} cannot be restored: ${said}`)
  }
  timeline.note(`backup ${taken.generation} is restored`)
  const anew = openWorld(`${seed}/restored`, beginning, {}, undefined, { data, timeline })
  try {
    for (const name of serviceNames) anew.machines[name].start()
    await timeline.run(() => false, calmMs)
    if (!serviceNames.every(name => anew.machines[name].isUp))
      return void ledger.faults.push('not all services run after a backup was restored')
    const own = openLedger()
    const doing: Doing = { party: openParty('hospital', anew, own), ledger: own, chance }
    const registered = new Set<SentDocument>()
    await during(judgeRestored(doing, taken.moment, ledger, registered), anew)
    const before = ledgerBefore(taken.moment, ledger, registered)
    await during(auditIsComplete({ ...anew, machines: world.machines }, { ...doing, ledger: before }), anew)
    own.faults.push(...before.faults)
    await during(goesOn(doing, ledger), anew)
    ledger.faults.push(...own.faults.map(fault => `restored: ${fault}`))
  } finally {
    anew.close()
  }
}

/** Adds what is registered. */
async function judgeRestored(
  { party, ledger: { faults } }: Doing,
  moment: Moment,
  { documents, submissions }: Ledger,
  registered: Set<SentDocument>,
): Promise<void> {
  for (const document of documents) {
    const said = (what: string) => faults.push(`document ${nameOf(document)}: ${what}`)
    const found = await entriesOf([document], party)
    const bytes = await bytesOf(document, party)
    if (found === undefined || bytes === undefined) {
      said('no answer although all is calm')
      continue
    }
    const entries = found.get(document.uniqueId) ?? []
    const [entry] = entries
    if (entry !== undefined) registered.add(document)
    if (entries.length > 1) said(`it is registered ${entries.length} times`)
    const then = moment.documents.get(document)
    const isUntouched = !wasRemoved(document)
    if (then?.registered === 'there' && isUntouched && entry === undefined)
      said('it was acknowledged before the backup began, and is not registered')
    if (then?.kept === 'there' && isUntouched && bytes === null)
      said('it was acknowledged before the backup began, and has no bytes')
    if (then?.registered === 'absent' && entry !== undefined && outcomeSoFar(document.submission) === 'acknowledged')
      said('it was removed before the backup began, and is registered')
    if (then?.kept === 'absent' && bytes !== null && outcomeSoFar(document.submission) === 'acknowledged')
      said('it was removed before the backup began, and has bytes')
    if (entry !== undefined && bytes === null && isUntouched) said('it is registered, and has no bytes')
    if (bytes === 'damaged' || (bytes !== null && !bytes.equals(document.bytes))) said('its bytes are others')
    if (entry === undefined || document.isUpdated) continue
    for (const difference of differencesOf(document, entry)) said(difference)
  }
  for (const { number, documents: own } of submissions) {
    const there = own.filter(each => registered.has(each)).length
    if (there > 0 && there < own.length && !own.some(wasRemoved))
      faults.push(`of submission ${number} ${there} of ${own.length} documents are there`)
  }
}

/** What had come to its end when the backup began; of submissions also what came later and is in it. */
function ledgerBefore(
  { atMs, acknowledged }: Moment,
  { calls, submissions }: Ledger,
  registered: ReadonlySet<SentDocument>,
): Ledger {
  return {
    ...openLedger(),
    calls: calls.filter(({ endedMs }) => endedMs > 0 && endedMs < atMs),
    submissions: submissions.filter(each => acknowledged.has(each) || each.documents.some(one => registered.has(one))),
  }
}

/** What was acknowledged is sent again, before the backup or after it, and something new: all of it is there then. */
async function goesOn(doing: Doing, ledger: Ledger): Promise<void> {
  const { party, chance, ledger: own } = doing
  const ours = ledger.submissions.filter(({ sentBy }) => sentBy === party.name)
  for (const sent of ours.filter(each => standsAlone(each, ledger))) {
    await send(sent, doing)
    const last = sent.attempts.at(-1)?.outcome
    if (last !== 'acknowledged') {
      own.faults.push(`submission ${sent.number} is sent again after a restore: ${last} (${sent.refusal ?? ''})`)
      continue
    }
    own.submissions.push(sent)
    own.documents.push(...sent.documents)
  }
  for (let count = 0; count < 5; count++)
    await send(newSubmission({ sentBy: party.name, patientId: newPatient, documents: 2 }, chance, own), doing)
  await documentsAreWhole(doing)
  await setsAreWhole(doing)
}

const newPatient = 'R-1^^^&2.999.5&ISO'

function standsAlone(sent: SentSubmission, { merges, folders }: Ledger): boolean {
  const { submission, documents, attempts } = sent
  return (
    attempts.length > 0 &&
    outcomeSoFar(sent) === 'acknowledged' &&
    submission.folders.length === 0 &&
    submission.associations.every(({ associationType }) => associationType === 'HasMember') &&
    !folders.some(({ members }) => members.some(each => documents.includes(each))) &&
    documents.every(each => !wasRemoved(each) && !each.isUpdated && each.replacedBy.length === 0) &&
    !merges.some(({ subsumed }) => documents.some(({ patientId }) => patientId === subsumed))
  )
}
