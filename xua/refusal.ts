// Why an assertion is not taken: the codes of WS-Security on the wire, the reason in words for the log and the auditor alone.
// [ITI TF-2:3.40.4.1.3] [WSS SOAP Message Security 1.1: 12]
import { SoapFault } from '../soap/fault.js'
import { namespaces } from '../soap/namespaces.js'

/** What each says is all that a sender is told: which check failed would teach an attacker the next step. */
const words = {
  UnsupportedSecurityToken: 'An unsupported token was provided',
  UnsupportedAlgorithm: 'An unsupported signature algorithm was used',
  InvalidSecurity:
    'The wsse:Security header cannot be processed: it has to hold one SAML 2.0 assertion and nothing else',
  InvalidSecurityToken: 'An invalid security token was provided',
  FailedAuthentication: 'The security token could not be authenticated or authorized',
  FailedCheck: 'The signature was invalid',
  MessageExpired: 'The message has expired',
} as const

export type SecurityFaultCode = keyof typeof words

/** @param reason for the log and the audit, never for the wire */
export function securityFault(code: SecurityFaultCode, reason: string): SoapFault {
  const namespace = code === 'MessageExpired' ? namespaces.wsu : namespaces.wsse
  return new SoapFault('Sender', words[code], { subcode: { namespace, name: code }, inside: reason })
}

/** Whether a fault is one of those, ours or a partner's. */
export function isSecurityFault(fault: SoapFault): boolean {
  const { namespace, name } = fault.subcode ?? { namespace: 'none', name: '' }
  // Of a partner's fault the prefix of the code is not resolved.
  return namespace === '' ? Object.hasOwn(words, name) : namespace === namespaces.wsse || namespace === namespaces.wsu
}
