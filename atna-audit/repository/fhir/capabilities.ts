// What the RESTful side can do, for clients that ask first. FHIR R4 CapabilityStatement.
import { isoOf } from '../../../ports/clock.js'
import type { FhirObject } from './fhir-json.js'
import { searchParameters } from './iti-81-parameters.js'

const types: Readonly<Record<string, string>> = {
  date: 'date',
  address: 'string',
  'agent-name': 'string',
  'entity-name': 'string',
}

export function capabilities(nowMs: number): FhirObject {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: isoOf(nowMs),
    kind: 'instance',
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'application/fhir+xml'],
    rest: [
      {
        mode: 'server',
        resource: [
          {
            type: 'AuditEvent',
            interaction: ['create', 'read', 'search-type'].map(code => ({ code })),
            searchParam: searchParameters.map(name => ({ name, type: types[name] ?? 'token' })),
          },
        ],
        interaction: ['batch', 'transaction'].map(code => ({ code })),
      },
    ],
  }
}
