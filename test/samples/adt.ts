// ADT messages for tests.

export interface AdtChanges {
  event?: string
  type?: string
  pid3?: string
  mrg1?: string
  controlId?: string
  version?: string
  processingId?: string
  characterSet?: string
  structure?: string
}

/** A01 unless it is said otherwise; an A40 has its MRG. */
export function anAdt(changes: AdtChanges = {}): string {
  const { event = 'A01', pid3 = 'P-1^^^&2.999.1.2.3&ISO', mrg1 = 'P-0^^^&2.999.1.2.3&ISO' } = changes
  const { controlId = 'M-1', version = '2.5', processingId = 'P', characterSet = 'UNICODE UTF-8' } = changes
  const isMerge = event === 'A40'
  const { structure = isMerge ? 'ADT_A39' : 'ADT_A01', type = 'ADT' } = changes
  const lines = [
    `MSH|^~\\&|ADT|Spital|REG|Gemeinschaft|20261123060000||${type}^${event}^${structure}|${controlId}|${processingId}|${version}||||||${characterSet}`,
    `EVN|${event}|20261123060000`,
    `PID|||${pid3}||Meier^Änne||19580211|F`,
    isMerge ? `MRG|${mrg1}` : 'PV1||O',
  ]
  return lines.map(line => `${line}\r`).join('')
}
