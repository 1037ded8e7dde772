// Which codes say how somebody took part (FHIR: agent.type), and which what they are otherwise (agent.role); DICOM has RoleIDCode for both.

const participationSystems = new Set([
  'http://dicom.nema.org/resources/ontology/DCM',
  'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  'http://terminology.hl7.org/CodeSystem/extra-security-role-type',
  'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
  'https://profiles.ihe.net/ITI/BALP/CodeSystem/UserAgentTypes',
])

export function holdsParticipation(system: string | undefined): boolean {
  return system !== undefined && participationSystems.has(system)
}
