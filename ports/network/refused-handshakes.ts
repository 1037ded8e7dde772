// Partners that did not get past the TLS handshake, and why.
import type { Socket } from 'node:net'
import type * as tls from 'node:tls'
import type { RefusedHandshake } from '../network.js'
import { distinguishedName } from './peer-certificate.js'

export function reportRefusedHandshakes(
  server: tls.Server,
  report: ((refused: RefusedHandshake) => void) | undefined,
): void {
  // Asked for while it lives: a socket that is gone no longer knows where it came from, unless it has said so before.
  server.on('connection', (raw: Socket) => void raw.remoteAddress)
  server.on('tlsClientError', (problem: NodeJS.ErrnoException, socket: RefusedSocket) => {
    const reason = refusal(problem, socket)
    if (report !== undefined && reason !== undefined) {
      const shown = socket.getPeerCertificate?.()
      report({
        remoteAddress: socket.remoteAddress ?? socket._parent?.remoteAddress ?? 'unknown',
        reason,
        certificate:
          shown?.fingerprint256 === undefined
            ? undefined
            : `${distinguishedName(shown)} (SHA-256 ${shown.fingerprint256})`,
      })
    }
    socket.destroy()
  })
}

/** The raw connection below is not declared, but the only one that still knows its address. */
type RefusedSocket = tls.TLSSocket & { _parent?: Socket }

/**
 * A certificate that we do not trust ends the connection without an error of its own, as ECONNRESET; the verdict stands
 * on the socket. Any other ECONNRESET is a partner that went away during the handshake: that is no refusal.
 */
function refusal(problem: NodeJS.ErrnoException, socket: RefusedSocket): string | undefined {
  const verdict: unknown = socket.authorizationError
  if (verdict) return `the certificate is not trusted (${verdict instanceof Error ? verdict.message : String(verdict)})`
  return problem.code === 'ECONNRESET' ? undefined : problem.message.trim()
}
