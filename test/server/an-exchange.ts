// A request as an actor's handler is given it, without the wire: who sends it, in which trace, and what the audit would have to say.
import type { AuditRecord } from '../../atna-audit/message.js'
import type { PeerRole } from '../../config/peer-roles.js'
import type { Actor, Exchange } from '../../server/actor.js'
import type { Claims } from '../../xua/claims.js'

export interface Sending {
  partner?: string
  messageID?: string
  roles?: readonly PeerRole[]
  /** Of an assertion. */
  claims?: Claims
}

/** Its audit record holds the response. */
export function anExchange({ partner = 'hospital', messageID, roles = ['consumer'], claims }: Sending = {}): Exchange {
  return {
    partner: { name: partner, roles: new Set(roles), address: '127.0.0.1' },
    claims,
    messageID,
    trace: {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01',
      next: () => '',
    },
    auditRecords: response => [{ response } as unknown as AuditRecord],
  }
}

/** What an actor answers to an action. */
export async function answerTo<Context, Response>(
  { served }: Actor<Context>,
  action: string,
  ...[request, context, exchange]: [request: unknown, context: Context, exchange: Exchange<never>]
): Promise<Response> {
  const line = served.get(action)
  if (line === undefined) throw new Error(`nobody answers ${action}`)
  return (await line.handle(request, context, exchange as Exchange)) as Response
}
