// Who asks, in what role, for what purpose: what a verified assertion says, and nothing that was not signed.
// ITI TF-2 §3.40.4.1.2; Swiss EPR, annex 5.1 §1.6.4.2.4.

/** A saml2:NameID. [SAML Core: 2.2.2] */
export interface NameId {
  value: string
  /** Empty where it is absent. */
  nameQualifier: string
  format: string
  /** The alias that a service knows the person by; empty where there is none. */
  spProvidedId: string
}

/** A code as HL7 v3 writes it. */
export interface CodedClaim {
  code: string
  codeSystem: string
  displayName: string
}

/** A group that the person belongs to; of its two halves one may be missing. */
export interface OrganisationClaim {
  /** `urn:oid:` and an OID. */
  id: string
  name: string
}

/** Who acts for the subject: an assistant (ASS) or a technical user (TCU). */
export interface ActingPerson {
  kind: 'ASS' | 'TCU'
  nameId: NameId
  name: string
}

/** As verify.ts gives them, of an assertion that holds; times in milliseconds UTC. [ITI TF-2:3.40.4.1.2] */
export interface Claims {
  assertionId: string
  issuer: string
  issuedMs: number
  notBeforeMs: number
  notOnOrAfterMs: number
  audiences: readonly string[]
  /** In whose name is asked; with assistants and technical users the professional who answers for them. */
  subject: NameId
  /** The subject's name in words (subject-id); empty where it is not said. */
  subjectName: string
  /** As in the token: of assistants and technical users that of the professional. */
  role: CodedClaim | undefined
  purposeOfUse: CodedClaim | undefined
  /** Groups of the subject, with those above them. */
  organisations: readonly OrganisationClaim[]
  /** Whose data is asked for, as it stands in the token: a CX. */
  resourceId: string | undefined
  /** The EPR-SPID in it, 18 digits; only where the token is held to the Swiss rules. */
  eprSpid: string | undefined
  homeCommunityId: string | undefined
  acting: ActingPerson | undefined
}
