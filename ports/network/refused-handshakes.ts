// Partners that did not get past the TLS handshake, and why.
import type { Socket } from 'node:net'
import type * as tls from 'node:tls'
import type { PeerCertificate, RefusedHandshake, ServeHttps } from '../network.js'
import { peerOf } from './peer-certificate.js'

type Watched = Pick<ServeHttps, 'refusalOf' | 'onRefusedHandshake' | 'connectionsPerPeer'>

/** Tells of partners that the handshake has refused, and refuses those that are not let in although their chain is right. */
export function reportRefusedHandshakes(server: tls.Server, watched: Watched): void {
  const { refusalOf, onRefusedHandshake } = watched
  // Asked for while it lives: a socket that is gone no longer knows where it came from, unless it has said so before.
  server.on('connection', (raw: Socket) => void raw.remoteAddress)
  // So it is with the certificate: Node destroys the socket of an untrusted one before it says so, and this event is the
  // only one that shows us the socket in time. The keys that it tells are not looked at.
  server.on('keylog', (_, socket: tls.TLSSocket) => {
    if (socket.listeners('secure').includes(rememberPeer)) return
    socket.prependListener('secure', rememberPeer)
  })
  server.on('tlsClientError', (problem: NodeJS.ErrnoException, socket: RefusedSocket) => {
    const reason = refusal(problem, socket)
    if (reason !== undefined) onRefusedHandshake?.(refused(socket, peerOf(socket), reason))
    socket.destroy()
  })
  const tooMany = connectionsCounted(watched)
  // Before anybody reads from the connection.
  server.prependListener('secureConnection', (socket: RefusedSocket) => {
    const peer = peerOf(socket)
    const reason = peer === undefined ? undefined : (refusalOf?.(peer) ?? tooMany(peer, socket))
    if (reason === undefined) return
    onRefusedHandshake?.(refused(socket, peer, reason))
    socket.destroy()
  })
}

/** Why one more connection of this peer is too many; where it is not, it counts until it is closed. */
function connectionsCounted({ connectionsPerPeer = Number.POSITIVE_INFINITY }: Watched) {
  const open = new Map<string, number>()
  return ({ fingerprint256 }: PeerCertificate, socket: tls.TLSSocket): string | undefined => {
    const others = open.get(fingerprint256) ?? 0
    if (others >= connectionsPerPeer) return `${others} connections of this certificate are open, and no more are taken`
    open.set(fingerprint256, others + 1)
    socket.once('close', () => {
      const left = (open.get(fingerprint256) ?? 1) - 1
      if (left > 0) open.set(fingerprint256, left)
      else open.delete(fingerprint256)
    })
    return undefined
  }
}

function rememberPeer(this: tls.TLSSocket): void {
  peerOf(this)
}

function refused(socket: RefusedSocket, peer: PeerCertificate | undefined, reason: string): RefusedHandshake {
  return {
    remoteAddress: socket.remoteAddress ?? socket._parent?.remoteAddress ?? 'unknown',
    reason,
    ...(peer === undefined
      ? { certificate: undefined }
      : { certificate: `${peer.subject} (SHA-256 ${peer.fingerprint256})`, peer }),
  }
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
