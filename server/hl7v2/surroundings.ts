// What an exchange of HL7 v2 begins with: the message as it came, and what all exchanges behind the doors of a service share.
import type { AuditRecord } from '../../atna-audit/message.js'
import type { MllpFrame } from '../../hl7v2/mllp.js'
import type { Ports } from '../../ports/ports.js'
import type { Partner } from '../actor.js'
import type { ChangesDoor } from '../changes-door.js'
import type { Explanations } from '../explanations/memory.js'
import type { Log } from '../log.js'
import type { Metrics } from '../metrics.js'
import type { Tracing } from '../tracing.js'

export interface ArrivedHl7 {
  frame: MllpFrame
  partner: Partner
  /** `mllp://localhost:2575` */
  endpoint: string
  /** There are too many requests under way: it is refused. */
  late: boolean
}

export interface Hl7Surroundings {
  /** As the Technical Framework names it. */
  actor: string
  /** HL7 table 0211: of messages that do not say. */
  characterSet: string
  ports: Ports
  log: Log
  metrics: Metrics
  /** For whoever collects spans. */
  tracing?: Tracing | undefined
  outbox: { append(records: AuditRecord[]): Promise<void> }
  /** Whether anything may be changed now; always without it. */
  changes?: Pick<ChangesDoor, 'assertOpen'>
  /** What is remembered of exchanges, if anything is. */
  explanations?: Pick<Explanations, 'rememberIfWanted'>
}
