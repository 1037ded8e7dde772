// Health and metrics, on the loopback address unless the settings say otherwise: /livez, /readyz with its reasons, /metrics.
import type { HttpReply, HttpRequest } from '../ports/network.js'
import type { Metrics } from './metrics.js'

/** One reason to be ready or not: what was looked at, and in words how it stands. */
export interface Check {
  name: string
  ok: boolean
  reason: string
  /** All goes on, but somebody has to look. */
  warns?: true
}

/** Serving goes on with what there was before, so it is a reason to look and not to be taken out of service. */
export function unusableCheck(name: string, problem: string | undefined): Check[] {
  if (problem === undefined) return []
  return [{ name, ok: true, warns: true, reason: `they cannot be used, the former hold: ${problem}` }]
}

/** Liveness says only that the process answers; /readyz is 503 as long as one check is not `ok`, with the reasons of all. Anything else is 404. */
export async function answerHealth(
  request: HttpRequest,
  reply: HttpReply,
  checks: () => Promise<Check[]>,
  metrics: Metrics,
): Promise<void> {
  const path = request.url.split('?', 1)[0]
  switch (path) {
    case '/livez':
    case '/healthz':
      return json(reply, 200, { status: 'alive' })
    case '/readyz': {
      const found = await checks()
      const ready = found.every(check => check.ok)
      return json(reply, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', checks: found })
    }
    case '/metrics': {
      const { contentType, body } = await metrics.text()
      return send(reply, 200, contentType, body)
    }
    default:
      return json(reply, 404, { error: 'there are /livez, /readyz and /metrics here' })
  }
}

export function json(reply: HttpReply, status: number, body: object): void {
  send(reply, status, 'application/json', `${JSON.stringify(body, undefined, 2)}\n`)
}

/** Whole and at once; the reply is over with it. */
export function send(reply: HttpReply, status: number, contentType: string, body: string): void {
  const bytes = Buffer.from(body)
  reply.start(status, { 'content-type': contentType, 'content-length': String(bytes.length) })
  reply.stream.end(bytes)
}
