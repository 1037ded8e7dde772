// Which TLS we speak, as server and as client.
import type * as tls from 'node:tls'

// BCP 195 (RFC 9325): forward secrecy and authenticated encryption only; TLS 1.3 suites are all of that kind.
export const bcp195 = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  honorCipherOrder: true,
} as const satisfies tls.SecureContextOptions & tls.TlsOptions

/** The same for a partner whose certificates are signed with SHA-1: OpenSSL takes these below security level 1 only. */
export const withSha1 = { ...bcp195, ciphers: `${bcp195.ciphers}:@SECLEVEL=0` }
