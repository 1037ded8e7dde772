// Points in time as the registry compares them: 14 digits in UTC. ITI TF-2 §3.18.4.1.2.3.3.

const form = /^(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:\.\d+)?([+-])?(?:(\d\d)(\d\d))?$/

/**
 * The first instant that a DTM stands for: `2026` is 20260101000000. A zone, which consumers are known to send, is taken
 * into account. Undefined when the text is no DTM. [ITI TF-2:3.18.4.1.2.3.3]
 */
export function firstInstantOf(dtm: string): string | undefined {
  const [found, year, month = '01', day = '01', hour = '00', minute = '00', second = '00', sign, zoneHour, zoneMinute] =
    form.exec(dtm.trim()) ?? []
  if (found === undefined || (sign === undefined) !== (zoneHour === undefined)) return undefined
  const instant = `${year}-${month}-${day}T${hour}:${minute}:${second}${sign === undefined ? 'Z' : `${sign}${zoneHour}:${zoneMinute}`}`
  const epochMs = Date.parse(instant)
  if (Number.isNaN(epochMs)) return undefined
  const iso = new Date(epochMs).toISOString()
  // A zone may carry the first or last hours of our calendar over its edge.
  if (!/^\d{4}-/.test(iso)) return epochMs < 0 ? '00000101000000' : '99991231235959'
  return iso.replace(/[-:T]/g, '').slice(0, 14)
}
