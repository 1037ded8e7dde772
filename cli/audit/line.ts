// An audit record, as the audit service shows it in JSON, in one line for people. Whatever is missing is left out.
import { timeOf as instantOf } from '../../atna-audit/repository/arrival.js'
import { roles } from '../../atna-audit/vocabulary.js'
import { oneLine } from '../table.js'

export interface AuditJson {
  id?: number
  receivedAt?: string
  /** Why the record could not be read. */
  problem?: string
  eventDateTime?: string
  event?: CodeJson
  type?: CodeJson
  action?: string
  outcome?: number
  description?: string
  source?: string
  participants?: ParticipantJson[]
  patients?: string[]
  objects?: ObjectJson[]
  trace?: string
}

interface CodeJson {
  code?: string
  text?: string
}

interface ParticipantJson {
  userId?: string
  name?: string
  roles?: CodeJson[]
}

interface ObjectJson {
  id?: string
  role?: string
  name?: string
  idType?: CodeJson
}

/** Oldest first, as a log is read. */
export function inOrder(records: AuditJson[]): AuditJson[] {
  return records.toSorted((one, other) => momentOf(one) - momentOf(other) || (one.id ?? 0) - (other.id ?? 0))
}

/** When, how it ended, what it was, who wrote it down, who took part, of whom and of what, and its trace. */
export function auditLine(record: AuditJson): string {
  const parts = [
    timeOf(record),
    record.outcome === undefined ? '' : (outcomes[record.outcome] ?? `outcome ${record.outcome}`),
    record.problem === undefined ? '' : `unreadable: ${record.problem}`,
    codeInWords(record.type ?? record.event),
    record.source === undefined ? '' : `by ${record.source}:`,
    (record.participants ?? []).toSorted(sourceFirst).map(participantInWords).filter(Boolean).join(' → '),
    (record.patients ?? []).map(patient => `patient ${patient}`).join(', '),
    (record.objects ?? []).map(objectInWords).join(', '),
    record.description ?? '',
    record.trace === undefined ? '' : `trace ${record.trace}`,
  ]
  return parts
    .filter(part => part !== '')
    .map(oneLine)
    .join('  ')
}

const outcomes: Readonly<Record<number, string>> = { 0: 'ok', 4: 'minor', 8: 'serious', 12: 'major' }

/** ParticipantObjectTypeCodeRole. [DICOM PS3.15 A.5.1] */
const objectRoles: Readonly<Record<string, string>> = { 3: 'document', 13: 'log', 20: 'submission set', 24: 'query' }

/** RoleIDCode of the side that data flow from. */
const [sourceRole] = roles.source

const anonymous = 'http://www.w3.org/2005/08/addressing/anonymous'

function timeOf({ eventDateTime, receivedAt }: AuditJson): string {
  return eventDateTime ?? receivedAt ?? ''
}

/** Senders write the time of their zones. */
function momentOf({ eventDateTime, receivedAt }: AuditJson): number {
  return instantOf(eventDateTime) ?? instantOf(receivedAt) ?? 0
}

function codeInWords(code: CodeJson | undefined): string {
  const { code: value = '', text = '' } = code ?? {}
  return value.startsWith('ITI-') ? `${value} ${text}` : text || value
}

function participantInWords({ userId, name }: ParticipantJson): string {
  return name ?? (userId === anonymous ? '' : (userId ?? ''))
}

function sourceFirst(one: ParticipantJson, other: ParticipantJson): number {
  const rank = ({ roles = [] }: ParticipantJson) => (roles.some(({ code }) => code === sourceRole) ? 0 : 1)
  return rank(one) - rank(other)
}

function objectInWords({ id = '', role = '', name, idType }: ObjectJson): string {
  return `${objectRoles[role] ?? name ?? idType?.text ?? 'object'} ${id}`
}
