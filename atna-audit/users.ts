// The persons behind a request as active participants. ITI TF-2 §3.40.4.2; the Swiss EPR asks for all three forms.
import type { ActiveParticipant, AuditCode, AuditedUser } from './message.js'

/** `alias<user@issuer>`, then who it is by name and in which role, then whoever acts for them. */
export function userParticipants(user: AuditedUser | undefined): ActiveParticipant[] {
  if (user === undefined) return []
  const { nameID, name, role, delegate } = user
  const participants: ActiveParticipant[] = [
    { userID: nameID, userName: qualifiedName(user), userIsRequestor: false },
    { userID: nameID, userName: name, userIsRequestor: true, roleIDCode: role },
  ]
  if (delegate !== undefined) {
    participants.push({
      userID: delegate.id,
      userName: delegate.name,
      userIsRequestor: false,
      roleIDCode: delegate.role,
    })
  }
  return participants
}

/** [ITI TF-2:3.40.4.2] */
function qualifiedName({ alias = '', nameID, issuer }: AuditedUser): string {
  return `${alias}<${nameID}@${issuer}>`
}

/** [ITI TF-2:3.40.4.1.2.3.1] */
export function purposesOf(user: AuditedUser | undefined): readonly AuditCode[] | undefined {
  return user?.purposeOfUse === undefined ? undefined : [user.purposeOfUse]
}
