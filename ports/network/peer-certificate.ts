// The certificate that the other side has shown.
import type * as tls from 'node:tls'
import type { PeerCertificate } from '../network.js'

// Read once a connection: building the certificate object costs as much as a small request.
const peers = new WeakMap<tls.TLSSocket, PeerCertificate>()

/** As it was shown, verified or not; undefined when none was, or when nobody asked while the socket lived. */
export function peerOf(socket: tls.TLSSocket): PeerCertificate | undefined {
  const known = peers.get(socket)
  if (known !== undefined) return known
  const shown = socket.getPeerCertificate?.()
  if (!shown?.fingerprint256) return undefined
  const peer: PeerCertificate = {
    subject: distinguishedName(shown),
    commonName: [shown.subject?.CN ?? ''].flat()[0] ?? '',
    fingerprint256: shown.fingerprint256,
    validTo: shown.valid_to,
    der: shown.raw,
  }
  peers.set(socket, peer)
  return peer
}

function distinguishedName(certificate: tls.PeerCertificate): string {
  return Object.entries(certificate.subject ?? {})
    .reverse()
    .flatMap(([name, values]) => [values].flat().map(value => `${name}=${value}`))
    .join(',')
}
