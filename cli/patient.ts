// `carnet patient add CX`: announces a patient to the registry as an identity source does. ITI-44.

import { uuidOid } from '../ports/randomness.js'
import { openCaller } from '../server/caller.js'
import { patientRecordAdded } from '../transactions/patient-feed.js'
import type { Context } from './context.js'
import { type DeploymentOptions, dataFlag, openDeployment, ourIdentity } from './deployment.js'
import { Failure } from './failure.js'
import { isCx } from './hl7.js'

export async function patientAdd(patientId: string, options: DeploymentOptions, context: Context): Promise<void> {
  const traceId = await addPatient(patientId, options, context)
  context.terminal.print(`${patientId} is known to the registry (trace ${traceId})`)
  context.terminal.print(`next: npx carnet submit FILE --patient '${patientId}'${dataFlag(options)}`)
}

/** @returns the trace id of the message. */
export async function addPatient(patientId: string, options: DeploymentOptions, context: Context): Promise<string> {
  assertCx(patientId)
  const { folder, urls } = await openDeployment(options, context)
  const tls = await ourIdentity(folder, 'admin', options, context)
  const caller = openCaller({ tls, ports: context.ports })
  try {
    const messageId = { root: uuidOid(context.ports.randomness) }
    const request = { messageId, patientIds: [patientId] }
    const { response, traceId } = await caller.call(patientRecordAdded, request, { url: urls.registry })
    if (response.typeCode !== 'CA') {
      const why = response.detail ?? `acknowledgement ${response.typeCode} without a reason`
      throw new Failure('refused', `The registry did not take ${patientId}: ${why} (trace ${traceId}).`)
    }
    return traceId
  } finally {
    caller.close()
  }
}

export function assertCx(patientId: string): void {
  if (isCx(patientId)) return
  throw new Failure(
    'usage',
    `"${patientId}" is no patient id in HL7 CX form; write it as 'ID^^^&OID&ISO', in quotes, for example 'DEMO-1^^^&2.999.1&ISO'.`,
  )
}
