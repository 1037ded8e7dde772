// `carnet query --patient CX`: the documents of a patient, as a table or as JSON.
import type { AvailabilityStatus, DocumentEntry, InternationalString } from '../../metadata/model.js'
import { showingHidden } from '../../transactions/hidden-entries.js'
import type { AdhocQueryRequest } from '../../transactions/xds-messages.js'
import { communityNames } from '../community/names.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, dataFlag, openDeployment } from '../deployment.js'
import { exitCodes, Failure } from '../failure.js'
import { lineOf } from '../in-words.js'
import { assertCx } from '../patients/patient.js'
import { table } from '../table.js'
import { askEverywhere, askForAll, findDocuments } from './stored-queries.js'

export interface QueryOptions extends DeploymentOptions {
  patient: string
  status: string
  onDemand?: boolean
  hidden?: boolean
  /** Other communities too, through the gateway. */
  everywhere?: boolean
  json?: boolean
}

const statuses: Readonly<Record<string, AvailabilityStatus[]>> = {
  approved: ['Approved'],
  deprecated: ['Deprecated'],
  all: ['Approved', 'Deprecated'],
}

/** @throws Failure `usage` for a patient id or a status that is none, `refused` with the registry's errors. */
export async function query(options: QueryOptions, context: Context): Promise<void> {
  assertCx(options.patient)
  const wanted = statuses[options.status.toLowerCase()]
  if (wanted === undefined) {
    throw new Failure('usage', `--status is approved, deprecated or all, not "${options.status}".`)
  }
  const deployment = await openDeployment(options, context)
  const asked = findDocuments(options.patient, wanted, options.onDemand === true ? ['stable', 'on-demand'] : ['stable'])
  const shown = options.hidden === true ? { ...asked, slots: [...asked.slots, showingHidden] } : asked
  if (options.everywhere === true) return queryEverywhere(asked, deployment, options, context)
  const role = options.hidden === true ? 'admin' : 'client'
  const { entries, traceId } = await askForAll(shown, deployment, { ...options, role }, context)
  const { terminal } = context
  if (options.json === true) return terminal.print(JSON.stringify(entries, undefined, 2))
  if (entries.length === 0) {
    terminal.print(`no documents of ${options.patient} with status ${options.status} (trace ${traceId})`)
    return
  }
  for (const line of table(headings, entries.toSorted(byTime).map(cells), terminal.columns)) terminal.print(line)
  terminal.print(`${entries.length} document(s); next: npx carnet retrieve UNIQUE-ID -o FILE${dataFlag(options)}`)
}

/** What a silent community has is missing: that is said, and the command does not end as if all had been well. */
async function queryEverywhere(
  asked: AdhocQueryRequest,
  deployment: Deployment,
  options: QueryOptions,
  context: Context,
): Promise<void> {
  const { terminal, ports } = context
  const { entries, errors, traceId } = await askEverywhere(asked, deployment, options, context)
  if (errors.length > 0) terminal.endWith(exitCodes.unreachable)
  if (options.json === true) terminal.print(JSON.stringify(entries, undefined, 2))
  else {
    const names = await communityNames(deployment, ports)
    const rows = entries
      .toSorted(byTime)
      .map(entry => [...cells(entry), names.get(entry.homeCommunityId ?? '') ?? entry.homeCommunityId ?? ''])
    for (const line of table([...headings, 'community'], rows, terminal.columns)) terminal.print(line)
    const next = `next: npx carnet retrieve UNIQUE-ID --home COMMUNITY -o FILE${dataFlag(options)}`
    terminal.print(`${entries.length} document(s) (trace ${traceId}); ${next}`)
  }
  if (errors.length > 0) terminal.complain('This is not all there may be (PartialSuccess):')
  for (const error of errors) terminal.complain(lineOf(error))
}

const headings = ['title', 'type', 'created (UTC)', 'media type', 'bytes', 'status', 'uniqueId']

function cells(entry: DocumentEntry): string[] {
  return [
    textOf(entry.title),
    textOf(entry.typeCode?.displayName) || (entry.typeCode?.code ?? ''),
    entry.objectType === 'on-demand' ? 'on demand' : readableTime(entry.creationTime ?? ''),
    entry.mimeType,
    entry.size ?? '',
    entry.availabilityStatus ?? '',
    entry.uniqueId ?? '',
  ]
}

function byTime(one: DocumentEntry, other: DocumentEntry): number {
  return (one.creationTime ?? '').localeCompare(other.creationTime ?? '')
}

function textOf(text: InternationalString | undefined): string {
  return text?.[0]?.value ?? ''
}

/** 20261123081500 → 2026-11-23 08:15:00, with as much of it as is there. */
function readableTime(dtm: string): string {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?/.exec(dtm) ?? []
  const date = [year, month, day].filter(Boolean).join('-')
  const time = [hour, minute, second].filter(Boolean).join(':')
  return time === '' ? date : `${date} ${time}`
}
