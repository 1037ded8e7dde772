// ITI-10 PIX Update Notification, as the Patient Identifier Cross-reference Manager sends it. ITI TF-2 §3.10.4.1.
import type { AuditRecord } from '../atna-audit/message.js'
import type { PatientIndexConfig } from '../config/patient-index-config.js'
import { dtmOf } from '../ports/clock.js'
import type { Ports } from '../ports/ports.js'
import { type Acknowledged, type MllpCaller, mllpAddress } from '../server/hl7v2/mllp-caller.js'
import type { Log } from '../server/log.js'
import { traceOf } from '../server/trace.js'
import { qualified } from '../transactions/hl7v2/identifiers.js'
import {
  auditUpdateNotification,
  type UpdateNotification,
  updateNotificationMessage,
} from '../transactions/hl7v2/pix-update-notification.js'
import { byDomain } from './cross-references.js'
import type { Notice } from './telling.js'

export interface NotifiedOverMllp {
  name: string
  /** `mllps://host:port` */
  url: string
  application?: string | undefined
  facility?: string | undefined
}

interface Means {
  caller: Pick<MllpCaller, 'send'>
  config: Pick<PatientIndexConfig, 'mllp' | 'listen'>
  ports: Ports
  log: Log
  outbox: { append(records: AuditRecord[]): Promise<void> }
}

const timeoutMs = 20_000

/** Undefined when it need not be sent again; else why, in words. */
export async function notifyOverMllp(
  target: NotifiedOverMllp,
  { patientIds }: Notice,
  { caller, config, ports, log, outbox }: Means,
): Promise<string | undefined> {
  const notification = notificationFor(target, patientIds, { config, ports })
  const { traceparent } = traceOf(undefined, ports.randomness)
  const remember = (failure: string | undefined) =>
    outbox.append([auditUpdateNotification(notification, storyOf(target.url, traceparent, failure, ports))])
  try {
    const { controlId } = notification
    const message = updateNotificationMessage(notification)
    const answer = await caller.send(message, { url: target.url, controlId, timeoutMs })
    await remember(answer.code === 'AA' ? undefined : `${answer.code}: ${answer.text}`)
    if (answer.code === 'AA') return undefined
    if (isOverLater(answer)) return answer.text || 'it could not work'
    log.error({ target: target.name, detail: answer.text }, 'a notification was refused')
    return undefined
  } catch (problem) {
    const failure = (problem as Error).message
    await remember(failure).catch(() => {})
    return failure
  }
}

/** AR may be the receiver's trouble and pass; a message that it does not take will not be taken later. [HL7 v2.5.1: 2.9.2.2] */
function isOverLater({ code, conditions }: Acknowledged): boolean {
  return code === 'AR' && !conditions.some(condition => /^20[0-3]$/.test(condition))
}

function notificationFor(
  { name, application = name, facility = name }: NotifiedOverMllp,
  patientIds: readonly string[],
  { config, ports }: Pick<Means, 'config' | 'ports'>,
): UpdateNotification {
  return {
    controlId: ports.randomness.bytes(10).toString('hex'),
    time: dtmOf(ports.clock.now()),
    sender: { application: 'CARNET', facility: config.listen.publicName },
    receiver: { application, facility },
    patientIds: byDomain(patientIds).map(id => qualified(id, config.mllp.namespaces)),
  }
}

function storyOf(url: string, traceparent: string, failure: string | undefined, { clock, processes }: Ports) {
  const { host } = mllpAddress(url)
  return {
    ...({ side: 'initiator', request: undefined, response: undefined, failure } as const),
    ...{ partner: { name: host, address: host }, endpoint: url, replyTo: '', traceparent },
    ...{ endedMs: clock.now(), processId: processes.pid, hostName: processes.hostName },
  }
}
