// ITI-44 Patient Record Added, as the Document Registry takes it: ids of its domain become known. ITI TF-2 §3.44.4.1.4.
import { dtmOf } from '../ports/clock.js'
import { serve } from '../server/actor.js'
import { acknowledged, patientRecordAdded } from '../transactions/patient-feed.js'
import { isOurs } from './accepted-patients.js'
import type { RegistryContext } from './context.js'

export const servePatientRecordAdded = serve(
  patientRecordAdded,
  async (request, { store, outbox, config, ports }: RegistryContext, exchange) => {
    const { patientIds } = request
    const creationTime = dtmOf(ports.clock.now())
    // Ids of other domains are nothing to a registry; a feed sends one message to everybody. [ITI TF-2:3.44.4.1.4]
    const ours = patientIds.filter(id => isOurs(id, config))
    if (ours.length === 0) {
      return { ...acknowledged(request, 'CE', noUsableId(patientIds, config.assigningAuthorities)), creationTime }
    }
    const accepted = { ...acknowledged(request, 'CA'), creationTime }
    await store.addPatients(ours, () => outbox.insert(exchange.auditRecords(accepted)))
    return accepted
  },
)

function noUsableId(patientIds: readonly string[], assigningAuthorities: readonly string[]): string {
  if (patientIds.length === 0) return 'the message names no patient id'
  const ours = assigningAuthorities.join(' or ')
  return ours === ''
    ? 'none of the patient ids has an assigning authority that is an OID'
    : `none of the patient ids is of assigning authority ${ours}`
}
