// A DICOM instance as bytes: Explicit VR Little Endian, sequences of defined length, elements in the order of their tags. [DICOM PS3.5: 7, PS3.10: 7.1]

export type DicomElement = readonly [tag: string, vr: Vr, value: string | Buffer | readonly DicomItem[]]
export type DicomItem = readonly DicomElement[]

/** With the characters that a value of it may have; a longer text is cut. [DICOM PS3.5: Table 6.2-1] */
const lengths = {
  CS: 16,
  DA: 8,
  IS: 12,
  LO: 64,
  PN: 324,
  SH: 16,
  TM: 14,
  UI: 64,
  UT: 1_024,
  OB: 0,
  SQ: 0,
  UL: 0,
} as const
export type Vr = keyof typeof lengths

const explicitLittleEndian = '1.2.840.10008.1.2.1'
/** Ours. */
const implementationClassUID = '2.25.158412349081237460129384756102938475610'

/**
 * A whole file, preamble and meta information included, in Explicit VR Little Endian. Elements must be in the order of their tags, and fit the
 * lengths of their VRs. [DICOM PS3.10: 7.1]
 */
export function writeInstance(
  { sopClassUID, sopInstanceUID }: { sopClassUID: string; sopInstanceUID: string },
  elements: DicomItem,
): Buffer {
  const meta = encodedItem([
    ['00020001', 'OB', Buffer.from([0, 1])],
    ['00020002', 'UI', sopClassUID],
    ['00020003', 'UI', sopInstanceUID],
    ['00020010', 'UI', explicitLittleEndian],
    ['00020012', 'UI', implementationClassUID],
    ['00020013', 'SH', 'CARNET'],
  ])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(meta.length)
  const group = encoded(['00020000', 'UL', length])
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), group, meta, encodedItem(elements)])
}

function encodedItem(elements: DicomItem): Buffer {
  return Buffer.concat([...elements].sort(([one], [other]) => (one < other ? -1 : 1)).map(encoded))
}

const longForms: ReadonlySet<Vr> = new Set(['OB', 'SQ', 'UT'])

function encoded([tag, vr, value]: DicomElement): Buffer {
  const content = contentOf(vr, value)
  const start = Buffer.alloc(longForms.has(vr) ? 12 : 8)
  start.writeUInt16LE(Number.parseInt(tag.slice(0, 4), 16), 0)
  start.writeUInt16LE(Number.parseInt(tag.slice(4), 16), 2)
  start.write(vr, 4, 'latin1')
  if (longForms.has(vr)) start.writeUInt32LE(content.length, 8)
  else start.writeUInt16LE(content.length, 6)
  return Buffer.concat([start, content])
}

function contentOf(vr: Vr, value: DicomElement[2]): Buffer {
  if (Buffer.isBuffer(value)) return value
  if (typeof value === 'string') {
    const text = Buffer.from([...value].slice(0, lengths[vr]).join(''))
    return text.length % 2 === 0 ? text : Buffer.concat([text, Buffer.from(vr === 'UI' ? '\0' : ' ')])
  }
  return Buffer.concat(
    value.flatMap(item => {
      const content = encodedItem(item)
      const start = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0])
      start.writeUInt32LE(content.length, 4)
      return [start, content]
    }),
  )
}
