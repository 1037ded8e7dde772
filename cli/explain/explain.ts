// `carnet explain`: why an exchange was answered as it was; what the services remember of it, and the audit records of its trace.
import { resolve } from 'node:path'
import type { TlsIdentity } from '../../ports/network.js'
import type { Story } from '../../server/explanations/story.js'
import { type AuditJson, auditLine, inOrder } from '../audit/line.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, dataFlag, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { getText } from '../get-text.js'
import { handshakeInWords } from '../handshake-words.js'
import { ourIdentity } from '../our-identity.js'
import { oneLine } from '../table.js'
import { explained, storyInWords, storyLine } from './explanation.js'

export interface ExplainOptions extends DeploymentOptions {
  /** How many, or true for the usual number. */
  last?: string | true
  json?: boolean
  /** File for the request, as it is kept. */
  request?: string
}

/** The services that remember, by their names for people; a deployment need not have all of them. */
const remembering = {
  registry: 'registry',
  repository: 'repository',
  patientIndex: 'patient index',
  gateway: 'gateway',
} as const

function rememberingIn({ urls }: Deployment): [url: string, title: string][] {
  const names = Object.keys(remembering) as (keyof typeof remembering)[]
  return names.filter(name => urls[name] !== '').map(name => [urls[name], remembering[name]])
}

const usualLast = '10'

export async function explain(trace: string | undefined, options: ExplainOptions, context: Context): Promise<void> {
  const deployment = await openDeployment(options, context)
  const tls = await ourIdentity(deployment.folder, 'admin', options, context)
  const asking: Asking = { deployment, tls, context, options }
  if (options.last !== undefined) return list(asking)
  if (trace === undefined) throw new Failure('usage', 'name a trace id, or ask for the latest with --last.')
  return show(traceIn(trace), asking)
}

interface Asking {
  deployment: Deployment
  tls: TlsIdentity
  context: Context
  options: ExplainOptions
}

/** A whole traceparent does as well. */
function traceIn(given: string): string {
  const [, trace = given] = /^00-([0-9a-f]{32})-/.exec(given.trim().toLowerCase()) ?? []
  if (/^[0-9a-f]{32}$/.test(trace.toLowerCase())) return trace.toLowerCase()
  throw new Failure(
    'usage',
    `"${given}" is no trace id: it has 32 hex digits, and stands at the end of an error as (trace …).`,
  )
}

async function list(asking: Asking): Promise<void> {
  const { options, context } = asking
  const count = options.last === true ? usualLast : String(options.last)
  if (!/^[1-9][0-9]?$|^100$/.test(count))
    throw new Failure('usage', `--last takes a whole number from 1 to 100, not "${count}".`)
  const { stories, problems } = await remembered(`?last=${count}`, asking)
  if (stories.length === 0 && problems.length === rememberingIn(asking.deployment).length)
    throw new Failure('unreachable', problems.join('\n'))
  const latest = stories.toSorted((one, other) => other.at.localeCompare(one.at)).slice(0, Number(count))
  if (options.json === true) return context.terminal.print(JSON.stringify(latest, undefined, 2))
  for (const problem of problems) context.terminal.complain(problem)
  if (latest.length === 0) return context.terminal.print('no exchange is remembered')
  for (const story of latest) context.terminal.print(storyLine(story))
  context.terminal.print(`next: npx carnet explain ${latest[0]?.trace}${dataFlag(options)}`)
}

async function show(trace: string, asking: Asking): Promise<void> {
  const { options, context } = asking
  const { terminal } = context
  const { stories, problems } = await remembered(`/${trace}`, asking)
  const records = await audited(trace, asking)
  if (stories.length === 0) {
    for (const record of inOrder(records)) terminal.print(auditLine(record))
    throw new Failure(
      problems.length === rememberingIn(asking.deployment).length ? 'unreachable' : 'refused',
      nothingKnown(trace, problems),
    )
  }
  const inTime = stories.toSorted((one, other) => begun(one) - begun(other))
  if (options.request !== undefined) await keepRequest(inTime, options.request, asking)
  if (options.json === true) return terminal.print(JSON.stringify(inJson(trace, inTime, records), undefined, 2))
  terminal.print(`trace ${trace}`)
  for (const story of inTime) for (const line of ['', ...storyInWords(story)]) terminal.print(line)
  terminal.print('')
  terminal.print(records.length === 0 ? 'audit: no records of this trace (yet)' : 'audit:')
  for (const record of inOrder(records)) terminal.print(`  ${auditLine(record)}`)
}

/** What one exchange induces begins later and ends sooner. */
function begun({ at, milliseconds }: Story): number {
  return Date.parse(at) - milliseconds
}

function nothingKnown(trace: string, problems: string[]): string {
  return [
    ...problems,
    `Nothing is remembered of trace ${trace}: it was not refused, it is too long ago, or it was another deployment ("explain" in carnet.json says what is kept).`,
  ].join('\n')
}

function inJson(trace: string, stories: Story[], audit: AuditJson[]): object {
  const exchanges = stories.map(({ answer, ...story }) => ({
    ...story,
    answer: { ...answer, ...(answer.errors === undefined ? {} : { errors: answer.errors.map(explained) }) },
  }))
  return { trace, exchanges, audit: inOrder(audit) }
}

/** The first of the trace: what the partner has sent. */
async function keepRequest([first]: Story[], path: string, { context }: Asking): Promise<void> {
  if (first?.request === undefined) throw new Failure('refused', 'The request of this exchange was not kept.')
  const file = resolve(context.terminal.workingFolder, path)
  const { request } = first
  await context.ports.files.replace(file, 'hl7' in request ? request.hl7 : request.xml, { mode: 0o600 })
  context.terminal.complain(`the request is in ${file}; "carnet validate ${path}" examines it`)
}

async function remembered(below: string, asking: Asking): Promise<{ stories: Story[]; problems: string[] }> {
  const stories: Story[] = []
  const problems: string[] = []
  for (const [base, service] of rememberingIn(asking.deployment)) {
    const url = `${base}/explain${below}`
    const { status, text } = await got(url, asking)
    if (status === 200) stories.push(...(JSON.parse(text) as { exchanges: Story[] }).exchanges)
    else if (status === 403) throw new Failure('refused', `The ${service} answered 403: ${oneLine(text).slice(0, 300)}`)
    else if (status !== 404) problems.push(`The ${service} at ${url} cannot be asked: ${oneLine(text).slice(0, 300)}`)
  }
  return { stories, problems }
}

async function audited(trace: string, asking: Asking): Promise<AuditJson[]> {
  const url = new URL('/audit/records', asking.deployment.urls.audit)
  url.searchParams.set('trace', trace)
  const { status, text } = await got(url.href, asking)
  if (status === 200) return (JSON.parse(text) as { records: AuditJson[] }).records
  asking.context.terminal.complain(`the audit service cannot be asked: ${oneLine(text).slice(0, 300)}`)
  return []
}

/** Status 0 with the reason where there is no answer. */
async function got(url: string, { tls, context }: Asking): Promise<{ status: number; text: string }> {
  try {
    return await getText(url, tls, context.ports.network)
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException
    return { status: 0, text: handshakeInWords({ code, message }) }
  }
}
