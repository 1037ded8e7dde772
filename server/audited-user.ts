// The person of an assertion, as audit records name them. [ITI TF-2:3.40.4.2]
import type { AuditCode, AuditedUser } from '../atna-audit/message.js'
import type { Claims, CodedClaim } from '../xua/claims.js'

/** Undefined where no assertion was asked for or came: the record names the systems alone then. [ITI TF-2:3.40.4.2] */
export function auditedUserOf(claims: Claims | undefined): AuditedUser | undefined {
  if (claims === undefined) return undefined
  const { subject, subjectName, issuer, role, purposeOfUse, acting, organisations, eprSpid } = claims
  const user: AuditedUser = { alias: subject.spProvidedId, nameID: subject.value, issuer }
  if (subjectName !== '') user.name = subjectName
  if (role !== undefined) user.role = auditCode(role)
  if (purposeOfUse !== undefined) user.purposeOfUse = auditCode(purposeOfUse)
  if (organisations.length > 0) user.organisations = organisations
  if (eprSpid !== undefined) user.patientId = `${eprSpid}^^^&${nationalIds}&ISO`
  if (acting !== undefined) user.delegate = delegateOf(acting)
  return user
}

function delegateOf({ kind, nameId, name }: NonNullable<Claims['acting']>): NonNullable<AuditedUser['delegate']> {
  const delegate = { id: nameId.value, role: [kind, swissRoles, actingInWords[kind]] as const }
  return name === '' ? delegate : { ...delegate, name }
}

const nationalIds = '2.16.756.5.30.1.127.3.10.3'
const swissRoles = '2.16.756.5.30.1.127.3.10.6'
const actingInWords = { ASS: 'Assistant', TCU: 'Technical user' }

/** The schema of audit messages asks for words; where an assertion has none, the code is one. */
function auditCode({ code, codeSystem, displayName }: CodedClaim): AuditCode {
  return [code, codeSystem, displayName === '' ? code : displayName]
}
