// `carnet on-demand register --patient CX`: an on-demand entry of our repository for a patient, as its source registers it. ITI-61.
import { openDomain } from '../../affinity/affinity-domain.js'
import { translated } from '../../affinity/submitting.js'
import type { OnDemandTypeConfig } from '../../config/repository-config.js'
import type { DocumentEntry } from '../../metadata/model.js'
import { uuidOid, uuidUrn } from '../../ports/randomness.js'
import { registerOnDemandDocumentEntry } from '../../transactions/xds.js'
import { openCommandCaller } from '../command-caller.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, dataFlag, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { assertSuccess, lineOf } from '../in-words.js'
import { ourIdentity } from '../our-identity.js'
import { assertCx } from '../patients/patient.js'
import { codeOf } from './hl7.js'
import { describeFile } from './metadata-from-file.js'
import { sourceIdOf, submissionOf } from './submission.js'
import { inDomain } from './submit.js'

export interface OnDemandOptions extends DeploymentOptions {
  patient: string
  type: string
  title?: string
  mime?: string
  language?: string
  role?: string
}

export async function registerOnDemand(options: OnDemandOptions, context: Context): Promise<void> {
  assertCx(options.patient)
  const deployment = await openDeployment(options, context)
  const type = typeNamed(options.type, deployment)
  const domain = await openDomain(deployment.config.profile, context.ports.files)
  const flags = {
    ...options,
    mime: options.mime ?? builtIn[type.name]?.mime,
    type: builtIn[type.name] && translated(domain, 'typeCode', builtIn[type.name]!.code),
  }
  if (flags.mime === undefined) throw new Failure('usage', `say by --mime what documents of type ${type.name} are.`)
  const ids = {
    entryUUID: uuidUrn(context.ports.randomness),
    uniqueId: `${uuidOid(context.ports.randomness)}^${type.name}`,
  }
  const facts = {
    name: builtIn[type.name]?.title ?? type.name,
    sizeBytes: 0,
    sha1: '',
    modifiedMs: 0,
    head: Buffer.alloc(0),
  }
  const { entry, notes } = describeFile(facts, options.patient, flags, ids, domain)
  for (const note of notes) context.terminal.complain(`note: ${note}`)
  const { cert } = await ourIdentity(deployment.folder, 'admin', options, context)
  const submission = submissionOf(
    {
      patientId: options.patient,
      sourceId: sourceIdOf(cert),
      entries: [onDemandEntry(entry, deployment)],
      ...inDomain(domain, flags),
    },
    context.ports,
  )
  const caller = await openCommandCaller(deployment, options, context, { role: 'admin' })
  try {
    const url = deployment.urls.registry
    const { response, traceId } = await caller.call(registerOnDemandDocumentEntry, submission, { url })
    assertSuccess(response, 'The registration', traceId, options)
    for (const warning of response.errors) context.terminal.complain(`warning:${lineOf(warning)}`)
    report(entry, type, traceId, options, context)
  } finally {
    await caller.close()
  }
}

const builtIn: Readonly<Record<string, { title: string; mime: string; code: ReturnType<typeof codeOf> }>> = {
  summary: {
    title: 'Patient summary',
    mime: 'text/xml',
    code: codeOf('60591-5', 'Patient summary', '2.16.840.1.113883.6.1'),
  },
}

function typeNamed(name: string, { config, configFile }: Deployment): OnDemandTypeConfig {
  const { types } = config.repository.onDemand
  const type = types.find(each => each.name === name)
  if (type !== undefined) return type
  throw new Failure(
    'usage',
    `"${name}" is no on-demand type; ${configFile} has ${types.map(each => each.name).join(', ') || 'none'} in repository.onDemand.types.`,
  )
}

/** Of a document that is not there yet nothing is known of when it was made, nor of its bytes. [ITI TF-2:3.61.4.1.2] */
function onDemandEntry(described: DocumentEntry, { config }: Deployment): DocumentEntry {
  const { creationTime: _, hash: _hash, size: _size, ...entry } = described
  return { ...entry, objectType: 'on-demand', repositoryUniqueId: config.repository.repositoryUniqueId }
}

function report(
  { title, mimeType, uniqueId, entryUUID }: DocumentEntry,
  { name }: OnDemandTypeConfig,
  traceId: string,
  options: OnDemandOptions,
  { terminal }: Context,
): void {
  terminal.print(`registered ${title?.[0]?.value ?? ''}  (on demand, type ${name}, ${mimeType})`)
  terminal.print(`uniqueId   ${uniqueId}`)
  terminal.print(`entryUUID  ${entryUUID}`)
  terminal.print(`trace      ${traceId}`)
  terminal.print(`next: npx carnet retrieve '${uniqueId}' -o FILE${dataFlag(options)}`)
}
