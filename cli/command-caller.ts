// The caller of one command: with its own certificate, the assertion of --token where there is one, and the audit of what it does.
import { type AuditedCaller, auditedCaller } from './audited-caller.js'
import type { Context } from './context.js'
import type { Deployment, DeploymentOptions } from './deployment.js'
import { ourIdentity } from './our-identity.js'
import { openUserCaller } from './token-file.js'

/** To be closed, so that its audit records leave. @throws Failure without usable certificates. */
export async function openCommandCaller(
  deployment: Deployment,
  options: DeploymentOptions,
  context: Context,
  /** Where large documents of answers wait; in memory without it. */
  { role = 'client', folder }: { role?: 'client' | 'admin'; folder?: string } = {},
): Promise<AuditedCaller> {
  const tls = await ourIdentity(deployment.folder, role, options, context)
  const open = { tls, ports: context.ports, ...(folder === undefined ? {} : { folder }) }
  return auditedCaller(await openUserCaller(open, options, context), { deployment, tls, context })
}
