// `carnet audit tail`: what the audit service holds, one readable line a record.
import type { TlsIdentity } from '../../ports/network.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { getText } from '../get-text.js'
import { handshakeInWords } from '../handshake-words.js'
import { ourIdentity } from '../our-identity.js'
import { oneLine } from '../table.js'
import { type AuditJson, auditLine, inOrder } from './line.js'

export interface AuditTailOptions extends DeploymentOptions {
  trace?: string
  limit: string
  json?: boolean
}

const mostRecords = 1_000

export async function auditTail(options: AuditTailOptions, context: Context): Promise<void> {
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > mostRecords) {
    throw new Failure('usage', `--limit must be a whole number from 1 to ${mostRecords}, not "${options.limit}".`)
  }
  const deployment = await openDeployment(options, context)
  const url = new URL('/audit/records', deployment.urls.audit)
  url.searchParams.set('newest', 'true')
  url.searchParams.set('limit', String(limit))
  if (options.trace !== undefined) url.searchParams.set('trace', options.trace)
  const tls = await ourIdentity(deployment.folder, 'admin', options, context)
  const records = await get(url.href, tls, context)
  const { terminal } = context
  if (options.json === true) return terminal.print(JSON.stringify(records, undefined, 2))
  if (records.length === 0)
    return terminal.print(options.trace === undefined ? 'no records yet' : `no records of trace ${options.trace}`)
  for (const record of inOrder(records)) terminal.print(auditLine(record))
}

async function get(url: string, tls: TlsIdentity, { ports }: Context): Promise<AuditJson[]> {
  let answer: Awaited<ReturnType<typeof getText>>
  try {
    answer = await getText(url, tls, ports.network)
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException
    throw new Failure(
      'unreachable',
      `The audit service at ${url} gave no answer: ${handshakeInWords({ code, message })}; "carnet doctor" looks closer.`,
    )
  }
  if (answer.status === 200) return recordsIn(answer.text)
  throw new Failure('refused', `The audit service answered ${answer.status}: ${oneLine(answer.text).slice(0, 300)}`)
}

function recordsIn(text: string): AuditJson[] {
  const answer = JSON.parse(text) as AuditJson[] | { records?: AuditJson[] }
  return Array.isArray(answer) ? answer : (answer.records ?? [])
}
