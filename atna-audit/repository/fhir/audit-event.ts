// An AuditEvent of FHIR R4, as far as we read it; what else one has is kept with it.
export interface Coding {
  system?: string
  code?: string
  display?: string
}
export interface CodeableConcept {
  coding?: Coding[]
  text?: string
}
export interface Identifier {
  type?: CodeableConcept
  system?: string
  value?: string
}
export interface FhirReference {
  reference?: string
  type?: string
  identifier?: Identifier
  display?: string
}
export interface AuditEventAgent {
  type?: CodeableConcept
  role?: CodeableConcept[]
  who?: FhirReference
  altId?: string
  name?: string
  requestor: boolean
  media?: Coding
  network?: { address?: string; type?: string }
  purposeOfUse?: CodeableConcept[]
}
export interface AuditEventEntity {
  what?: FhirReference
  type?: Coding
  role?: Coding
  lifecycle?: Coding
  securityLabel?: Coding[]
  name?: string
  description?: string
  query?: string
  detail?: { type: string; valueString?: string; valueBase64Binary?: string }[]
}
export interface AuditEvent {
  resourceType: 'AuditEvent'
  id?: string
  meta?: { profile?: string[]; lastUpdated?: string }
  text?: { status: string; div: string }
  type: Coding
  subtype?: Coding[]
  action?: string
  recorded: string
  outcome?: string
  outcomeDesc?: string
  purposeOfEvent?: CodeableConcept[]
  agent: AuditEventAgent[]
  source: { site?: string; observer: FhirReference; type?: Coding[] }
  entity?: AuditEventEntity[]
}

/** Without what is undefined or an empty list: FHIR knows neither. */
export function compact<Value extends object>(value: Value): Value {
  for (const key of Object.keys(value) as (keyof Value)[]) {
    const held = value[key]
    if (held === undefined || (Array.isArray(held) && held.length === 0)) delete value[key]
  }
  return value
}
