// `carnet submit FILE…`: one submission set with the documents given, as a Document Source sends it. ITI-41.
import { type AffinityDomain, openDomain } from '../../affinity/affinity-domain.js'
import { attributesOfFlags, type CodeFlag } from '../../affinity/attribute-names.js'
import { codeNamed, codeWritten, slotsFor } from '../../affinity/submitting.js'
import type { DocumentEntry, Finding, Submission } from '../../metadata/model.js'
import { uuidOid, uuidUrn } from '../../ports/randomness.js'
import { bytesOf } from '../../soap/xml.js'
import { provideAndRegisterThrough } from '../../transactions/communities/xcdr.js'
import { provideAndRegisterDocumentSet } from '../../transactions/xds.js'
import type { AuditedCaller } from '../audited-caller.js'
import { openCommandCaller } from '../command-caller.js'
import { homeNamed } from '../community/names.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, dataFlag, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { assertSuccess, lineOf } from '../in-words.js'
import { ourIdentity } from '../our-identity.js'
import { assertCx } from '../patients/patient.js'
import { offlineFindings } from '../validate/offline-findings.js'
import { codeFrom, isOid } from './hl7.js'
import { type Described, type DocumentFlags, describeFile, roleIn } from './metadata-from-file.js'
import { provided } from './provided.js'
import { type FileToSend, factsOfFile } from './read-file.js'
import { entryOf } from './stored-queries.js'
import { sourceIdOf, submissionOf } from './submission.js'

const codeFlags = Object.keys(attributesOfFlags) as CodeFlag[]

export interface SubmitOptions extends DeploymentOptions, Partial<Record<CodeFlag, string>> {
  patient: string
  title?: string
  mime?: string
  language?: string
  author?: string
  role?: string
  replace?: string
  sourceId?: string
  /** The community that it is for, where that is not this one. */
  home?: string
  dryRun?: boolean
}

export interface Prepared {
  submission: Submission
  files: FileToSend[]
  notes: string[]
  domain: AffinityDomain
}

export async function submit(paths: string[], options: SubmitOptions, context: Context): Promise<void> {
  assertUsage(paths, options)
  const deployment = await openDeployment(options, context)
  const prepared = await prepare(paths, options, deployment, context)
  for (const note of prepared.notes) context.terminal.complain(`note: ${note}`)
  if (options.dryRun === true) return show(prepared, context)
  const traceId = await send(prepared, deployment, options, context)
  report(prepared.submission.documentEntries, traceId, options, context)
}

async function prepare(
  paths: string[],
  options: SubmitOptions,
  deployment: Deployment,
  context: Context,
): Promise<Prepared> {
  const { randomness } = context.ports
  const domain = await openDomain(deployment.config.profile, context.ports.files)
  const flags = documentFlags(options, domain)
  const files: FileToSend[] = []
  const described: Described[] = []
  for (const path of paths) {
    const { facts, file } = await factsOfFile(path, context)
    const ids = { entryUUID: uuidUrn(randomness), uniqueId: uuidOid(randomness) }
    described.push(describeFile(facts, options.patient, flags, ids, domain))
    files.push(file)
  }
  const { cert } = await ourIdentity(deployment.folder, 'client', options, context)
  const replaced = options.replace && (await entryOf(options.replace, deployment, options, context))
  const submission = submissionOf(
    {
      patientId: options.patient,
      sourceId: options.sourceId ?? sourceIdOf(cert),
      entries: described.map(({ entry }) => entry),
      replaces: replaced ? replaced.entryUUID : undefined,
      ...inDomain(domain, flags),
    },
    context.ports,
  )
  return { submission, files, notes: described.flatMap(({ notes }) => notes), domain }
}

/** What the domain wants of a SubmissionSet. */
export function inDomain(domain: AffinityDomain, flags: DocumentFlags) {
  const { contentType } = domain.submitting
  return {
    contentTypeCode: contentType === undefined ? undefined : codeWritten(contentType),
    extraMetadata: slotsFor(domain, 'SubmissionSet', roleIn(domain, flags)),
  }
}

/** The trace id of the ITI-41. @throws Failure `refused` with all errors of the answer, `unreachable` without one. */
export async function send(
  { submission, files }: Prepared,
  deployment: Deployment,
  options: SubmitOptions,
  context: Context,
): Promise<string> {
  const request = provided(submission, files, context)
  const home = options.home && (await homeNamed(options.home, deployment, context.ports))
  const sent = (caller: AuditedCaller, { urls }: Deployment) =>
    home
      ? caller.call(provideAndRegisterThrough, { ...request, homes: [home] }, { url: urls.gateway, timeoutMs: farMs })
      : caller.call(provideAndRegisterDocumentSet, request, { url: urls.repository })
  const caller = await openCommandCaller(deployment, options, context)
  try {
    const { response, traceId } = await sent(caller, deployment)
    context.terminal.progress('')
    assertSuccess(response, 'The submission', traceId, options)
    for (const warning of response.errors) context.terminal.complain(`warning:${lineOf(warning)}`)
    return traceId
  } finally {
    await caller.close()
  }
}

/** For the answer of another community, which has the documents sent on before it judges them. */
const farMs = 3_600_000

export function report(entries: DocumentEntry[], traceId: string, options: SubmitOptions, { terminal }: Context): void {
  for (const { title, mimeType, size, uniqueId, entryUUID } of entries) {
    terminal.print(`submitted  ${title?.[0]?.value ?? ''}  (${mimeType}, ${size} bytes)`)
    terminal.print(`uniqueId   ${uniqueId}`)
    terminal.print(`entryUUID  ${entryUUID}`)
  }
  if (options.replace !== undefined) terminal.print(`replaces   ${options.replace}`)
  terminal.print(`trace      ${traceId}`)
  const everywhere = options.home === undefined ? '' : ' --everywhere'
  terminal.print(`next: npx carnet query --patient '${options.patient}'${everywhere}${dataFlag(options)}`)
}

function show({ submission, domain }: Prepared, { terminal }: Context): void {
  terminal.print(String(bytesOf(provideAndRegisterDocumentSet.request.encode({ submission, documents: [] }).xml)))
  const findings = offlineFindings(submission, 'ITI-41', domain).filter(({ severity }) => severity !== 'Warning')
  for (const finding of findings) terminal.complain(findingInWords(finding))
  if (findings.length > 0) throw new Failure('refused', 'A registry would refuse this; nothing was sent.')
  terminal.complain('dry run: nothing was sent')
}

export function findingInWords({ code, object, attribute, rule, expected, found }: Finding): string {
  const where = attribute === undefined ? object : `${object}, ${attribute}`
  return `${code}: ${where}: expected ${expected}, found ${found} [${rule}]`
}

function assertUsage(paths: string[], options: SubmitOptions): void {
  assertCx(options.patient)
  if (paths.length > 1 && (options.replace !== undefined || options.title !== undefined)) {
    throw new Failure('usage', '--replace and --title are for one document; submit the files one by one.')
  }
  if (options.sourceId !== undefined && !isOid(options.sourceId)) {
    throw new Failure('usage', `--source-id must be an OID such as 2.25.1, not "${options.sourceId}".`)
  }
}

export function documentFlags(options: SubmitOptions, domain: AffinityDomain): DocumentFlags {
  const { title, mime, language, author, role } = options
  const codes = codeFlags.map(flag => {
    const given = options[flag]
    const code =
      given === undefined ? undefined : (codeFrom(given) ?? codeNamed(domain, attributesOfFlags[flag], given))
    if (given === undefined || code !== undefined) return [flag, code]
    throw new Failure(
      'usage',
      `--${flag} is code^display^scheme, as '34133-9^Summary^2.16.840.1.113883.6.1', or a code of the domain (carnet codes list), not "${given}".`,
    )
  })
  return { title, mime, language, author, role, ...Object.fromEntries(codes) }
}
