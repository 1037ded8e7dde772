// Queries of HL7 v2 for tests: QBP^Q23, QBP^Q22 and QCN^J01, as consumers of the field send them.

export interface QueryChanges {
  event?: string
  structure?: string
  controlId?: string
  version?: string
  characterSet?: string
  /** QPD-1 */
  name?: string
  /** QPD-2 */
  tag?: string
  /** QPD-3 */
  asked?: string
  /** QPD-4 of Q23, QPD-8 of Q22. */
  domains?: string
  rcp?: string
  dsc?: string
}

/** QBP^Q23 unless it is said otherwise. */
export function aPixQuery(changes: QueryChanges = {}): string {
  const { asked = '1^^^&2.999.1&ISO', domains = '', name = 'IHE PIX Query' } = changes
  return aQuery({ event: 'Q23', ...changes }, [name, changes.tag ?? 'T-1', asked, domains])
}

export function aDemographicsQuery(changes: QueryChanges = {}): string {
  const { asked = '@PID.5.1.1^MUELLER~@PID.7^19600618', domains = '', name = 'IHE PDQ Query' } = changes
  return aQuery({ event: 'Q22', ...changes }, [name, changes.tag ?? 'T-1', asked, '', '', '', '', domains])
}

export function aCancel(tag: string, controlId = 'M-9'): string {
  return `${header({ event: 'J01', structure: 'QCN_J01', controlId }, 'QCN')}QID|${tag}|IHE PDQ Query\r`
}

function aQuery(changes: QueryChanges, qpd: string[]): string {
  const { rcp = 'I', dsc } = changes
  const parameters = `QPD|${qpd.join('|').replace(/\|+$/, '')}\r`
  return `${header(changes, 'QBP')}${parameters}RCP|${rcp}\r${dsc === undefined ? '' : `DSC|${dsc}|I\r`}`
}

function header(changes: QueryChanges, code: string): string {
  const { event = 'Q23', structure = 'QBP_Q21', controlId = 'M-1', version = '2.5' } = changes
  const { characterSet = 'UNICODE UTF-8' } = changes
  const type = `${code}^${event}^${structure}`
  return `MSH|^~\\&|KIS|Spital|INDEX|Gemeinschaft|20261123060000||${type}|${controlId}|P|${version}||||||${characterSet}\r`
}
