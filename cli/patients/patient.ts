// `carnet patient add` and `carnet patient merge`: tell the registry of patients as an identity source does. ITI-44.
import { uuidOid } from '../../ports/randomness.js'
import { patientDuplicatesResolved, patientRecordAdded } from '../../transactions/hl7v3/patient-feed.js'
import type { Transaction } from '../../transactions/transaction.js'
import type { FeedAcknowledgement, PatientRecord } from '../../transactions/xds-messages.js'
import { openCommandCaller } from '../command-caller.js'
import type { Context } from '../context.js'
import { type DeploymentOptions, dataFlag, openDeployment } from '../deployment.js'
import { isCx } from '../documents/hl7.js'
import { Failure } from '../failure.js'

export async function patientAdd(patientIds: string[], options: DeploymentOptions, context: Context): Promise<void> {
  const traceId = await addPatient(patientIds, options, context)
  const [patientId = ''] = patientIds
  context.terminal.print(`${patientIds.join(', ')} is known to the registry (trace ${traceId})`)
  context.terminal.print(`next: npx carnet submit FILE --patient '${patientId}'${dataFlag(options)}`)
}

/** The ids are all of one patient. @returns the trace id of the message. */
export function addPatient(patientIds: string[], options: DeploymentOptions, context: Context): Promise<string> {
  for (const id of patientIds) assertCx(id)
  const failed = `The registry did not take ${patientIds.join(', ')}`
  return feed(patientRecordAdded, { patientIds }, failed, options, context)
}

export async function patientMerge(
  subsumed: string,
  survivor: string,
  options: DeploymentOptions,
  context: Context,
): Promise<void> {
  for (const id of [subsumed, survivor]) assertCx(id)
  const record = { patientIds: [survivor], subsumedIds: [subsumed] }
  const failed = `The registry did not merge ${subsumed} into ${survivor}`
  const traceId = await feed(patientDuplicatesResolved, record, failed, options, context)
  context.terminal.print(`${subsumed} was merged into ${survivor} (trace ${traceId}); no message undoes that`)
}

/** The trace id. @throws Failure where it is not acknowledged with AA. [ITI TF-2:3.44.4.2.3] */
export async function feed(
  contract: Transaction<PatientRecord, FeedAcknowledgement>,
  record: Omit<PatientRecord, 'messageId'>,
  failed: string,
  options: DeploymentOptions,
  context: Context,
  to: 'registry' | 'patientIndex' = 'registry',
): Promise<string> {
  const deployment = await openDeployment(options, context)
  const caller = await openCommandCaller(deployment, options, context, { role: 'admin' })
  try {
    const request = { messageId: { root: uuidOid(context.ports.randomness) }, ...record }
    const { response, traceId } = await caller.call(contract, request, { url: deployment.urls[to] })
    if (response.typeCode === 'CA') return traceId
    const why = response.detail ?? `acknowledgement ${response.typeCode} without a reason`
    // Our own registry names the trace itself.
    const trace = why.includes(traceId) ? '' : ` (trace ${traceId})`
    throw new Failure('refused', `${failed}: ${why}${trace}.`)
  } finally {
    await caller.close()
  }
}

/** @throws Failure `usage` with an example. */
export function assertCx(patientId: string): void {
  if (isCx(patientId)) return
  throw new Failure(
    'usage',
    `"${patientId}" is no patient id in HL7 CX form; write it as 'ID^^^&OID&ISO', in quotes, for example 'DEMO-1^^^&2.999.1&ISO'.`,
  )
}
