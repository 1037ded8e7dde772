// One exchange by its trace: what the asking and the answering side of each step wrote down, laid side by side; what is missing
// and what contradicts is marked.
import { eventIDs } from '../vocabulary.js'
import type { TextName } from './texts/texts.js'
import type { Told } from './told.js'

export interface Mark {
  text: TextName
  values: Readonly<Record<string, string | number>>
}

export interface Step {
  kind: string
  kindText: string
  asking: Told[]
  answering: Told[]
  marks: Mark[]
}

export interface Comparison {
  steps: Step[]
  /** Records of events that have one side only. */
  others: Told[]
  /** Of the whole. */
  marks: Mark[]
}

/** By the time that each record tells, then by arrival. `marks` are the differences of a step's two sides; records of neither side are `others`. */
export function compared(records: readonly Told[]): Comparison {
  const steps = new Map<string, Step>()
  const others: Told[] = []
  for (const told of records.toSorted((one, other) => one.eventMs - other.eventMs || one.id - other.id)) {
    const side = sideOf(told)
    if (side === undefined) {
      others.push(told)
      continue
    }
    const { kind, kindText } = told
    const step = steps.get(kind) ?? { kind, kindText, asking: [], answering: [], marks: [] }
    step[side].push(told)
    steps.set(kind, step)
  }
  for (const step of steps.values()) step.marks = marksOf(step)
  return { steps: causesFirst([...steps.values()]), others, marks: missingSteps(steps) }
}

export type Side = 'asking' | 'answering'

/** On a retrieval the data flow towards the asking side. */
const retrievals: ReadonlySet<string> = new Set(['ITI-43', 'ITI-39', 'RAD-69', 'RAD-75'])
const [exported] = eventIDs.export
const [imported] = eventIDs.import

/** Which side wrote a record; undefined where the event has one side only, or it cannot be told. [ITI TF-2:3.20] */
export function sideOf({ kind, eventCode, from, to }: Told): Side | undefined {
  const isRetrieval = retrievals.has(kind)
  if (/^(?:ITI|RAD)-\d+$/.test(kind)) {
    if (eventCode === exported) return isRetrieval ? 'answering' : 'asking'
    if (eventCode === imported) return isRetrieval ? 'asking' : 'answering'
  }
  // The process id stands on the side of the writer.
  if (from?.isWriter === to?.isWriter) return undefined
  return (from?.isWriter === true) === isRetrieval ? 'answering' : 'asking'
}

const clockToleranceMs = 60_000

function marksOf({ asking, answering }: Step): Mark[] {
  if (answering.length === 0) return [{ text: 'trace.missingAnswering', values: {} }]
  if (asking.length === 0) return [{ text: 'trace.missingAsking', values: {} }]
  const marks: Mark[] = []
  const [one, other] = [endOf(asking), endOf(answering)]
  if (one !== other) marks.push({ text: 'trace.contradictOutcome', values: { one, other } })
  const differ = (of: (told: Told) => string[], text: TextName) => {
    const [ours, theirs] = [valuesOf(asking, of), valuesOf(answering, of)]
    if (ours !== '' && theirs !== '' && ours !== theirs) marks.push({ text, values: {} })
  }
  differ(({ patients }) => patients, 'trace.contradictPatient')
  differ(({ documents }) => documents, 'trace.contradictDocument')
  differ(({ people }) => people.map(({ id }) => id), 'trace.contradictPerson')
  const apartMs = Math.abs(asking[0]!.eventMs - answering[0]!.eventMs)
  if (apartMs > clockToleranceMs) {
    marks.push({ text: 'trace.contradictTime', values: { seconds: Math.round(apartMs / 1000) } })
  }
  return marks
}

/** Names of texts: `outcome.success` and so on; a mixed answer leaves a record of either kind. */
function endOf(records: Told[]): TextName {
  const failed = records.some(({ outcome }) => outcome !== undefined && outcome > 0)
  return failed ? 'outcome.failure' : 'outcome.success'
}

function valuesOf(records: Told[], of: (told: Told) => string[]): string {
  return [...new Set(records.flatMap(of).map(id => id.replace(/^urn:oid:/, '')))].sort().join('\n')
}

/** What a step that went well brings about in the same exchange, or one of them: a gateway hands documents on. [ITI TF-1:10.2, ITI TF-1: 40] */
const leadsTo: ReadonlyMap<string, readonly [string, ...string[]]> = new Map([
  ['ITI-41', ['ITI-42', 'ITI-80']],
  ['ITI-80', ['ITI-41']],
])

/** A step is written down when it is over, after what it has brought about: causes come first, all else as it was written. */
function causesFirst(steps: readonly Step[]): Step[] {
  const left = [...steps]
  const ordered: Step[] = []
  while (left.length > 0) {
    const next = left.findIndex(step => !left.some(other => other !== step && hasLedTo(other, step)))
    ordered.push(...left.splice(Math.max(0, next), 1))
  }
  return ordered
}

/** Of two gateways the one hands on as ITI-80 what it was sent as ITI-41, the other the other way round: the cause was answered here, the effect asked. */
function hasLedTo(one: Step, other: Step): boolean {
  if (leadsTo.get(one.kind)?.includes(other.kind) !== true) return false
  const isMutual = leadsTo.get(other.kind)?.includes(one.kind) === true
  return !isMutual || (one.answering.length > 0 && other.asking.length > 0)
}

function missingSteps(steps: ReadonlyMap<string, Step>): Mark[] {
  return [...leadsTo].flatMap(([kind, next]) => {
    const step = steps.get(kind)
    if (step === undefined || next.some(each => steps.has(each))) return []
    const wentWell = step.answering.length > 0 && endOf(step.answering) === 'outcome.success'
    return wentWell ? [{ text: 'trace.missingStep' as const, values: { kind, next: next[0] } }] : []
  })
}
