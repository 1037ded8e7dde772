// `carnet patient list`, `show` and `unmerge`: what administrators may ask the registry of its patients.
import type { KnownPatient, ListedPatient } from '../../registry/patient-store.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { getText } from '../get-text.js'
import { ourIdentity } from '../our-identity.js'
import { assertCx } from './patient.js'

export interface PatientListOptions extends DeploymentOptions {
  after?: string
  limit: string
}

export interface PatientShowOptions extends DeploymentOptions {
  json?: boolean
}

export async function patientList(options: PatientListOptions, context: Context): Promise<void> {
  const query = new URLSearchParams({ limit: options.limit, ...(options.after && { after: options.after }) })
  const { patients } = await ask<{ patients: ListedPatient[] }>(`?${query}`, options, context)
  for (const { patientId, survivor } of patients) {
    context.terminal.print(survivor === undefined ? patientId : `${patientId}  merged, now ${survivor}`)
  }
}

export async function patientShow(patientId: string, options: PatientShowOptions, context: Context): Promise<void> {
  assertCx(patientId)
  const known = await ask<KnownPatient>(`/${encodeURIComponent(patientId)}`, options, context)
  if (options.json === true) context.terminal.print(JSON.stringify(known, undefined, 2))
  else for (const line of inWords(known)) context.terminal.print(line)
}

export async function patientUnmerge(patientId: string, options: DeploymentOptions, context: Context): Promise<void> {
  assertCx(patientId)
  const known = await ask<KnownPatient>('/unmerge', options, context, { patientId })
  for (const line of [`${patientId} is a patient of its own again`, ...inWords(known).slice(1)]) {
    context.terminal.print(line)
  }
}

function inWords({
  patientId,
  survivor,
  mergedInto,
  mergedMs,
  subsumed,
  nationalIds,
  objects,
}: KnownPatient): string[] {
  const since = mergedMs === undefined ? '' : ` on ${new Date(mergedMs).toISOString()}`
  return [
    patientId,
    ...(mergedInto === undefined ? [] : [`merged into ${mergedInto}${since}; queries find it as ${survivor}`]),
    ...subsumed.map(id => `${id} was merged into it`),
    ...nationalIds.map(id => `national id ${id}`),
    `${objects} documents, submission sets and folders were registered under this id`,
  ]
}

async function ask<Answer>(
  below: string,
  options: DeploymentOptions,
  context: Context,
  json?: unknown,
): Promise<Answer> {
  const { folder, urls } = await openDeployment(options, context)
  const tls = await ourIdentity(folder, 'admin', options, context)
  const { status, text } = await getText(`${urls.registry}/admin/patients${below}`, tls, context.ports.network, json)
  const answer = parsed(text)
  if (status === 200) return answer as Answer
  throw new Failure('refused', `The registry refused: ${(answer as { problem?: string }).problem ?? `HTTP ${status}`}.`)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Failure('refused', 'The registry answered something that is not JSON.')
  }
}
