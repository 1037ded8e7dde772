// The person of an assertion, as audit records name them. [ITI TF-2:3.40.4.2]
import type { AuditCode, AuditedUser } from '../atna-audit/message.js'
import type { Claims, CodedClaim } from '../xua/claims.js'

export function auditedUserOf(claims: Claims | undefined): AuditedUser | undefined {
  if (claims === undefined) return undefined
  const { subject, subjectName, issuer, role, purposeOfUse, acting } = claims
  return {
    alias: subject.spProvidedId,
    nameID: subject.value,
    issuer,
    name: subjectName,
    ...(role === undefined ? {} : { role: auditCode(role) }),
    ...(purposeOfUse === undefined ? {} : { purposeOfUse: auditCode(purposeOfUse) }),
    ...(acting === undefined ? {} : { delegate: delegateOf(acting) }),
  }
}

function delegateOf({ kind, nameId, name }: NonNullable<Claims['acting']>): NonNullable<AuditedUser['delegate']> {
  return { id: nameId.value, name, role: [kind, swissRoles, actingInWords[kind]] }
}

const swissRoles = '2.16.756.5.30.1.127.3.10.6'
const actingInWords = { ASS: 'Assistant', TCU: 'Technical user' }

function auditCode({ code, codeSystem, displayName }: CodedClaim): AuditCode {
  return [code, codeSystem, displayName]
}
