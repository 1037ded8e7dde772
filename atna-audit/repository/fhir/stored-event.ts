// A stored record as an AuditEvent, whichever form it came in.
import { isoOf } from '../../../ports/clock.js'
import { readSyslog } from '../../syslog.js'
import { auditMessageIn } from '../audit-xml.js'
import type { StoredRecord } from '../search.js'
import type { AuditEvent } from './audit-event.js'
import { auditEventOf } from './from-dicom.js'
import { isAuditEvent, readAuditEvent } from './read-audit-event.js'

/** Its id is ours. Undefined for what could not be read when it came: it is kept, but no AuditEvent. */
export function storedEvent({ id, receivedMs, frame }: StoredRecord): AuditEvent | undefined {
  try {
    const receivedAt = isoOf(receivedMs)
    const event = isAuditEvent(frame)
      ? readAuditEvent(frame)
      : auditEventOf(auditMessageIn(readSyslog(frame).message), { receivedAt })
    const { resourceType, meta, ...said } = event
    return { resourceType, ...said, id: String(id), meta: { ...meta, lastUpdated: receivedAt } }
  } catch {
    return undefined
  }
}
