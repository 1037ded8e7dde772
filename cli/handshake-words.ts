// Why a connection or a TLS handshake failed, in words and with what to do. Codes of Node and of OpenSSL.

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; start the services with "npm start"',
  ENOTFOUND: 'the host name is unknown; correct listen.publicName in carnet.json or the DNS',
  EAI_AGAIN: 'the host name could not be looked up; check the DNS of this machine',
  ETIMEDOUT: 'no answer in time; check the network and firewalls between',
  EHOSTUNREACH: 'there is no route to the host; check the network',
  ECONNRESET:
    'the connection was cut during the handshake; the other side may not speak TLS, or does not accept our certificate',
  CERT_HAS_EXPIRED: 'the certificate of the other side has expired; renew it',
  CERT_NOT_YET_VALID: 'the certificate of the other side is not valid yet; compare the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'the certificate of the other side is for other host names; issue one whose names include this host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the other side shows a self-signed certificate that our CA file does not hold',
  SELF_SIGNED_CERT_IN_CHAIN: 'the other side shows a certificate of a CA that our CA file does not hold',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    'the issuer of the certificate of the other side is not in our CA file; add it there',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the issuer of the certificate of the other side is not in our CA file; add it there',
  CERT_SIGNATURE_FAILURE:
    'the certificate of the other side was signed by another key than that of our CA; a CA of the same name was made anew',
  EPROTO: 'what answers there does not speak TLS as we do',
}

/** Whether a code says that a service could not be spoken to. */
export function isOfNetwork(code: string | undefined): boolean {
  return code !== undefined && Object.hasOwn(words, code)
}

const alerts: readonly [pattern: RegExp, meaning: string][] = [
  [/wrong version number|packet length too long|http request/i, 'what answers there does not speak TLS'],
  [
    /alert certificate required|alert handshake failure|peer did not return/i,
    'the other side asks for a client certificate of its CA and did not get one it takes',
  ],
  [
    /digest algorithm too weak|md too weak/i,
    'the other side shows a certificate that is signed with SHA-1; have it issued anew, or say quirks.sha1Certificates "taken" for that community',
  ],
  [/alert unknown ca/i, 'the other side does not trust the CA of our certificate; have our CA added there'],
  [
    /alert certificate expired/i,
    'our certificate has expired in the eyes of the other side; renew it or compare the clocks',
  ],
  [
    /alert (bad|unsupported) certificate|alert certificate unknown/i,
    'the other side does not take our certificate; check its usages, names and validity',
  ],
  [/alert protocol version|unsupported protocol/i, 'no common TLS version; both sides need TLS 1.2 or 1.3'],
  [
    /no shared cipher|alert insufficient security/i,
    'no common cipher suite; the other side has to offer one with forward secrecy (ECDHE, AES-GCM)',
  ],
]

/** The message itself where nothing better is known. */
export function handshakeInWords({ code, message }: { code?: string | undefined; message: string }): string {
  const alert = alerts.find(([pattern]) => pattern.test(message))
  if (alert !== undefined) return alert[1]
  const known = code === undefined ? undefined : words[code]
  return known === undefined ? message : known
}
