// What deserves a second look, and why: each list is a question asked of every record of some days.
import type { PagesConfig } from '../../config/audit-config.js'
import { filled } from '../../pages/languages.js'
import type { Times } from '../../pages/times.js'
import type { Clock } from '../../ports/clock.js'
import type { Store } from '../../store/store.js'
import { firstRecords } from '../repository/find-records.js'
import type { RecordQuery } from '../repository/record-query.js'
import { eventIDs } from '../vocabulary.js'
import { sideOf } from './comparison.js'
import { emergencyPurposes, outcomeText, purposeText } from './record-view.js'
import type { Leave } from './roles.js'
import { askingSystem } from './sentence.js'
import type { TextName, Texts } from './texts/texts.js'
import type { Told } from './told.js'

export interface WatchList {
  name: string
  title: TextName
  hint: TextName
  leave: Leave
  /** What the index can narrow it to. */
  query: RecordQuery
  /** Undefined when the record does not belong on the list; else why it does. */
  why(told: Told, around: WatchAround): string | undefined | Promise<string | undefined>
}

export interface WatchAround {
  texts: Texts
  times: Times
  store: Store
  clock: Pick<Clock, 'monotonicMs' | 'endOfTurn'>
  unusual: PagesConfig['unusual']
  /** Of this run, for lists that remember what they have seen. */
  memory: Map<string, Set<string>>
}

/** Somebody saw, or looked for, what belongs to a patient. [ITI TF-2:3.18, 3.43] */
const accesses: ReadonlySet<string> = new Set(['ITI-18', 'ITI-38', 'ITI-43', 'ITI-39', 'ITI-63', 'RAD-69', 'RAD-75'])

/** Whoever did one of these for a patient has to do with them. */
const relations = ['ITI-41', 'ITI-80', 'ITI-42', 'ITI-61', 'ITI-57', 'ITI-44', 'ITI-8']

const automatic: ReadonlySet<string> = new Set(['AUTO', 'DICOM_AUTO'])

export const watchLists: readonly WatchList[] = [
  {
    name: 'emergency',
    title: 'watch.emergency',
    hint: 'watch.emergencyHint',
    leave: 'patients',
    query: { purpose: [...emergencyPurposes] },
    why({ purposes }, { texts }) {
      const found = purposes.find(({ code }) => emergencyPurposes.has(code))
      return found && filled(texts['watch.emergencyWhy'], { purpose: purposeText(found.code, texts, found.text) })
    },
  },
  {
    name: 'refused',
    title: 'watch.refused',
    hint: 'watch.refusedHint',
    leave: 'patients',
    query: { outcome: 'failed' },
    why: ({ outcome }, { texts }) =>
      outcome === undefined || outcome === 0
        ? undefined
        : filled(texts['watch.refusedWhy'], { outcome: outcomeText(outcome, texts) }),
  },
  {
    name: 'many-patients',
    title: 'watch.many',
    hint: 'watch.manyHint',
    leave: 'patients',
    query: { type: [...accesses] },
    why(told, { texts, times, unusual, memory }) {
      if (!isAccess(told)) return undefined
      const person = whoAsked(told)
      const day = times.dayOf(told.eventMs)
      const key = `${day} ${person.id}`
      const patients = memory.get(key) ?? new Set()
      const before = patients.size
      for (const id of told.patients) if (patients.size < mostRemembered) patients.add(id)
      if (memory.size < mostRemembered || memory.has(key)) memory.set(key, patients)
      // Once for each person and day, at the record that made it too many.
      if (before >= unusual.patientsOfOnePerson || patients.size < unusual.patientsOfOnePerson) return undefined
      return filled(texts['watch.manyWhy'], {
        person: person.name,
        count: patients.size,
        day: times.text(told.eventMs, 'day'),
      })
    },
  },
  {
    name: 'night',
    title: 'watch.night',
    hint: 'watch.nightHint',
    leave: 'patients',
    query: { type: [...accesses] },
    why(told, { texts, times, unusual }) {
      if (!isAccess(told) || told.purposes.some(({ code }) => automatic.has(code))) return undefined
      const { nightFromHour: from, nightToHour: to } = unusual
      if (!isWithin(times.hourOf(told.eventMs), from, to)) return undefined
      return filled(texts['watch.nightWhy'], { time: times.text(told.eventMs, 'hour'), from, to })
    },
  },
  {
    name: 'no-relation',
    title: 'watch.relation',
    hint: 'watch.relationHint',
    leave: 'patients',
    query: { type: [...accesses] },
    async why(told, { texts, store, clock }) {
      if (!isAccess(told)) return undefined
      const person = whoAsked(told)
      const names = [...new Set([person.name, person.id, askingSystem(told)?.name ?? ''])].filter(name => name !== '')
      for (const patient of told.patients) {
        const query = { patient, untilMs: told.eventMs, type: relations }
        let isRelated = false
        for (const name of names) isRelated ||= await isThere(store, { ...query, person: name }, clock)
        if (!isRelated) return filled(texts['watch.relationWhy'], { person: person.name })
      }
      return undefined
    },
  },
  {
    name: 'looks',
    title: 'watch.looks',
    hint: 'watch.looksHint',
    leave: 'looks',
    query: { event: eventIDs.auditLogUsed[0] },
    why(told, { texts }) {
      const query = told.others.flatMap(({ details }) => details).find(({ type }) => type === 'Request')?.value
      return filled(texts['watch.looksWhy'], { query: query === undefined || query === '' ? '–' : query.slice(0, 300) })
    },
  },
]

/** Values of the settings that a hint names. */
export function hintValues({ patientsOfOnePerson, nightFromHour, nightToHour }: PagesConfig['unusual']) {
  return { count: patientsOfOnePerson, from: nightFromHour, to: nightToHour }
}

/** People and what they reach are many; what a run remembers of them is not. */
const mostRemembered = 10_000

/** One record for each access: what the answering side wrote, which is there for all who ask. */
function isAccess(told: Told): boolean {
  return accesses.has(told.kind) && told.patients.length > 0 && told.outcome === 0 && sideOf(told) !== 'asking'
}

function whoAsked(told: Told): { id: string; name: string } {
  const [person] = told.people
  const system = askingSystem(told)?.name ?? ''
  return person ?? { id: system, name: system }
}

function isWithin(hour: number, from: number, to: number): boolean {
  return from <= to ? hour >= from && hour < to : hour >= from || hour < to
}

async function isThere(store: Store, query: RecordQuery, clock: WatchAround['clock']): Promise<boolean> {
  return (await firstRecords(store, query, 1, clock)).length > 0
}
