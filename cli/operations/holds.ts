// `carnet hold …`: legal holds, put on registry, repository and audit service alike; and `carnet retention`, which says what is old and what is held.
import type { KnownPatient } from '../../registry/patient-store.js'
import type { RetainedDocument } from '../../repository/administration/retention-resources.js'
import type { Hold } from '../../server/holds.js'
import { type AdministeredService, type Administration, openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { mebibytes } from '../quantities.js'
import { oneLine } from '../table.js'

export interface PutHoldOptions extends DeploymentOptions {
  patient?: string
  document: string[]
  reason: string
}

/** They take what the registry has taken. */
const followers = ['repository', 'audit'] as const

/** The registry first: it refuses what the repository would be asked for next. */
export async function putHold(
  id: string,
  { patient, document, reason, ...options }: PutHoldOptions,
  context: Context,
): Promise<void> {
  if ((patient === undefined) === (document.length === 0)) {
    throw new Failure('usage', 'name what is held by --patient or by --document, one of the two.')
  }
  return administered(options, context, async administration => {
    const kind = patient === undefined ? 'document' : 'patient'
    const asked = patient === undefined ? document : [patient]
    await administration.resource('registry', `holds/put/${encodeURIComponent(id)}`, { kind, reason, values: asked })
    const values = patient === undefined ? document : await idsOf(patient, administration)
    for (const service of followers) {
      await administration.resource(service, `holds/put/${encodeURIComponent(id)}`, { kind, reason, values })
    }
    context.terminal.print(`held        ${id}: ${kind} ${values.map(oneLine).join(', ')}`)
    for (const value of await unknownOf(asked, kind, administration))
      context.terminal.complain(`there is no ${kind} ${oneLine(value)} so far: see that it is written as it is meant`)
  })
}

/** Held all the same, for it may come; but a slip of the pen would hold nothing. */
async function unknownOf(values: string[], kind: Hold['kind'], administration: Administration): Promise<string[]> {
  if (kind === 'document') {
    const { kept } = await administration.resource<{ kept: string[] }>('repository', 'documents/kept', {
      uniqueIds: values,
    })
    return values.filter(value => !kept.includes(value))
  }
  const known = await Promise.all(values.map(value => knownPatient(value, administration)))
  return values.filter((_, at) => known[at] === undefined)
}

/** Undefined also where an older registry cannot say. @throws Failure where it is away: its merges would be missing. */
function knownPatient(id: string, administration: Administration): Promise<KnownPatient | undefined> {
  const path = `patients/${encodeURIComponent(id)}`
  return administration.resource<KnownPatient>('registry', path).catch((problem: unknown) => {
    if (problem instanceof Failure && problem.reason === 'refused') return undefined
    throw problem
  })
}

export function liftHold(id: string, options: DeploymentOptions, context: Context): Promise<void> {
  return administered(options, context, async administration => {
    let lifted = 0
    for (const service of [...followers, 'registry'] as const) {
      // Where one of them was away the last time, the others have let it go.
      if (!(await holdsOf(service, administration)).some(hold => hold.id === id)) continue
      await administration.resource(service, `holds/lift/${encodeURIComponent(id)}`, {})
      lifted += 1
    }
    if (lifted === 0) throw new Failure('refused', `there is no legal hold ${id}; "carnet hold list" shows all.`)
    context.terminal.print(`lifted      ${id}`)
  })
}

export function listHolds(options: DeploymentOptions, context: Context): Promise<void> {
  return administered(options, context, async administration => {
    const everywhere: Hold[][] = []
    for (const service of ['registry', ...followers] as const) everywhere.push(await holdsOf(service, administration))
    const ids = new Set(everywhere.flat().map(({ id }) => id))
    for (const id of ids) {
      const here = everywhere.map(holds => holds.find(hold => hold.id === id))
      const hold = here.find(each => each !== undefined) as Hold
      const since = new Date(hold.sinceMs).toISOString().slice(0, 10)
      context.terminal.print(
        `${id}  ${since}  ${hold.kind} ${hold.values.map(oneLine).join(', ')}  by ${oneLine(hold.by)}: ${oneLine(hold.reason)}`,
      )
      if (here.includes(undefined))
        context.terminal.complain(`${id} is not on all services: "carnet hold sync" puts it there`)
    }
    if (ids.size === 0) context.terminal.print('there is no legal hold')
  })
}

/** Brings the others to what the registry knows: patients that were merged since, and what was put on one of the two alone. */
export function syncHolds(options: DeploymentOptions, context: Context): Promise<void> {
  return administered(options, context, async administration => {
    const holds = await holdsOf('registry', administration)
    for (const { id, kind, reason, values } of holds) {
      const all = kind === 'document' ? values : await Promise.all(values.map(value => idsOf(value, administration)))
      for (const service of followers) {
        await administration.resource(service, `holds/put/${encodeURIComponent(id)}`, {
          kind,
          reason,
          values: all.flat(),
        })
      }
    }
    context.terminal.print(`${holds.length} legal holds are on all services`)
  })
}

async function holdsOf(service: AdministeredService, administration: Administration): Promise<Hold[]> {
  return (await administration.resource<{ holds: Hold[] }>(service, 'holds')).holds
}

/** Under which a repository may have documents of this patient: all that merges have joined. */
async function idsOf(patientId: string, administration: Administration): Promise<string[]> {
  const ids = new Set([patientId])
  const known = await knownPatient(patientId, administration)
  const waiting = [known?.survivor ?? patientId]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    ids.add(id)
    waiting.push(...((await knownPatient(id, administration))?.subsumed ?? []).filter(each => !ids.has(each)))
  }
  return [...ids]
}

export interface RetentionOptions extends DeploymentOptions {
  before: string
  list?: boolean
  json?: boolean
}

export async function retention(options: RetentionOptions, context: Context): Promise<void> {
  const beforeMs = Date.parse(options.before)
  // The 30th of February is read as a day in March.
  const isDay = !Number.isNaN(beforeMs) && new Date(beforeMs).toISOString().startsWith(options.before.slice(0, 10))
  if (!isDay) throw new Failure('usage', '--before is a date as 2016-01-01.')
  return administered(options, context, async administration => {
    const years = new Map<string, { documents: number; bytes: number; held: number }>()
    for await (const document of olderThan(beforeMs, administration)) {
      const name = new Date(document.receivedMs).toISOString().slice(0, 4)
      const year = years.get(name) ?? { documents: 0, bytes: 0, held: 0 }
      years.set(name, year)
      year.documents += 1
      year.bytes += document.sizeBytes
      if (document.hold !== undefined) year.held += 1
      if (options.list === true) context.terminal.print(lineOf(document))
    }
    if (options.json === true) return context.terminal.print(JSON.stringify(Object.fromEntries(years), undefined, 1))
    for (const [year, { documents, bytes, held }] of years) {
      context.terminal.print(`${year}  ${documents} documents, ${mebibytes(bytes)}, ${held} of them held`)
    }
    if (years.size === 0) context.terminal.print(`no document was received before ${options.before}`)
  })
}

async function* olderThan(beforeMs: number, administration: Administration): AsyncGenerator<RetainedDocument> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const query = new URLSearchParams({ before: String(beforeMs), after, limit: '1000' })
    const { documents, next }: RetentionPage = await administration.resource<RetentionPage>(
      'repository',
      `retention?${query}`,
    )
    yield* documents
    after = next
  }
}

interface RetentionPage {
  documents: RetainedDocument[]
  next?: string
}

function lineOf({ uniqueId, patientId, receivedMs, hold }: RetainedDocument): string {
  const held = hold === undefined ? '' : `  held: ${hold}`
  return `${new Date(receivedMs).toISOString().slice(0, 10)}  ${oneLine(patientId ?? '')}  ${oneLine(uniqueId)}${held}`
}

async function administered(
  options: DeploymentOptions,
  context: Context,
  work: (administration: Administration) => Promise<void>,
): Promise<void> {
  const administration = await openAdministration(await openDeployment(options, context), options, context)
  try {
    await work(administration)
  } finally {
    administration.close()
  }
}
