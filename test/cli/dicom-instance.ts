// DICOM instances made by hand: as short as they may be, in the transfer syntaxes that are met. [DICOM PS3.5: 7.1]
import { deflateRawSync } from 'node:zlib'

export type Attribute = readonly [tag: string, vr: string, value: string | Buffer | readonly (readonly Attribute[])[]]

const syntaxes = {
  'explicit little': '1.2.840.10008.1.2.1',
  'implicit little': '1.2.840.10008.1.2',
  'explicit big': '1.2.840.10008.1.2.2',
  deflated: '1.2.840.10008.1.2.1.99',
} as const

export type Syntax = keyof typeof syntaxes

export function aDicomInstance(attributes: readonly Attribute[], syntax: Syntax = 'explicit little'): Buffer {
  const meta = encoded(['00020010', 'UI', syntaxes[syntax]], 'explicit little')
  const length = Buffer.alloc(4)
  length.writeUInt32LE(meta.length)
  const group = encoded(['00020000', 'UL', length], 'explicit little')
  const set = Buffer.concat(attributes.map(attribute => encoded(attribute, syntax)))
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    group,
    meta,
    syntax === 'deflated' ? deflateRawSync(set) : set,
  ])
}

const longForms = new Set(['OB', 'OW', 'SQ', 'UN', 'UT'])

function encoded([tag, vr, value]: Attribute, syntax: Syntax): Buffer {
  const isBig = syntax === 'explicit big'
  const numbers = (sizes: readonly (readonly [number, 2 | 4])[]) =>
    Buffer.concat(
      sizes.map(([value, bytes]) => {
        const buffer = Buffer.alloc(bytes)
        if (isBig) buffer.writeUIntBE(value, 0, bytes)
        else buffer.writeUIntLE(value, 0, bytes)
        return buffer
      }),
    )
  const [group, element] = [tag.slice(0, 4), tag.slice(4)].map(part => Number.parseInt(part, 16)) as [number, number]
  const content = contentOf(vr, value, syntax, numbers)
  const start = numbers([
    [group, 2],
    [element, 2],
  ])
  if (syntax === 'implicit little') return Buffer.concat([start, numbers([[content.length, 4]]), content])
  const form = longForms.has(vr)
    ? numbers([
        [0, 2],
        [content.length, 4],
      ])
    : numbers([[content.length, 2]])
  return Buffer.concat([start, Buffer.from(vr), form, content])
}

function contentOf(
  vr: string,
  value: Attribute[2],
  syntax: Syntax,
  numbers: (sizes: readonly (readonly [number, 2 | 4])[]) => Buffer,
): Buffer {
  if (typeof value === 'string') return padded(Buffer.from(value, 'utf8'), vr === 'UI' ? 0 : 0x20)
  if (Buffer.isBuffer(value)) return padded(value, 0x20)
  const items = value as readonly (readonly Attribute[])[]
  return Buffer.concat(
    items.map(attributes => {
      const item = Buffer.concat(attributes.map(attribute => encoded(attribute, syntax)))
      return Buffer.concat([
        numbers([
          [0xfffe, 2],
          [0xe000, 2],
          [item.length, 4],
        ]),
        item,
      ])
    }),
  )
}

function padded(bytes: Buffer, filler: number): Buffer {
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.from([filler])])
}
