// The patient index: Patient Identifier Cross-reference Manager, Patient Demographics Supplier, and what a Responding Gateway
// says of patients. ITI TF-1 §5, §8, §27.
import { actor } from '../server/actor.js'
import type { PatientIndexContext } from './context.js'
import { servePatientIdentityFeedV2 } from './iti-8-patient-identity-feed.js'
import { servePixQueryV2 } from './iti-9-pix-query.js'
import { serveDemographicsCancelledV2, servePatientDemographicsQueryV2 } from './iti-21-patient-demographics-query.js'
import {
  servePatientDuplicatesResolved,
  servePatientRecordAdded,
  servePatientRecordRevised,
} from './iti-44-patient-identity-feed.js'
import { servePixQuery } from './iti-45-pix-query.js'
import {
  serveDemographicsCancelled,
  serveDemographicsContinued,
  servePatientDemographicsQuery,
} from './iti-47-patient-demographics-query.js'
import { serveDeferredPatientDiscovery } from './iti-55-deferred-patient-discovery.js'
import { serveCrossGatewayPatientDiscovery } from './iti-55-patient-discovery.js'
import { servePatientLocationQuery } from './iti-56-patient-location-query.js'

export const patientIndex = actor<PatientIndexContext>('Patient Identifier Cross-reference Manager', [
  servePatientRecordAdded,
  servePatientRecordRevised,
  servePatientDuplicatesResolved,
  servePixQuery,
  servePatientDemographicsQuery,
  serveDemographicsContinued,
  serveDemographicsCancelled,
  serveCrossGatewayPatientDiscovery,
  serveDeferredPatientDiscovery,
  servePatientLocationQuery,
])

/** The same in HL7 v2, which is no SOAP. */
export const patientIndexOverMllp = [
  servePatientIdentityFeedV2,
  servePixQueryV2,
  servePatientDemographicsQueryV2,
  serveDemographicsCancelledV2,
] as const
