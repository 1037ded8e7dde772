// A reader of Explicit VR Little Endian that has nothing in common with the one of the house: a mistake of both would be two mistakes.
export type Read = Map<string, string | Read[]>

const long = new Set(['OB', 'OW', 'SQ', 'UN', 'UT'])

/** The data set behind the file meta information, tags as `0008,0018`. */
export function readInstance(bytes: Buffer): { meta: Read; set: Read } {
  if (bytes.toString('latin1', 128, 132) !== 'DICM') throw new Error('no DICM')
  const groupLength = bytes.readUInt32LE(140)
  const from = 144 + groupLength
  return { meta: readSet(bytes.subarray(132, from)), set: readSet(bytes.subarray(from)) }
}

function readSet(bytes: Buffer): Read {
  const set: Read = new Map()
  let before = ''
  for (let at = 0; at < bytes.length; ) {
    const hex = (offset: number) =>
      bytes
        .readUInt16LE(at + offset)
        .toString(16)
        .padStart(4, '0')
    const tag = `${hex(0)},${hex(2)}`
    if (tag <= before) throw new Error(`${tag} stands behind ${before}`)
    before = tag
    const vr = bytes.toString('latin1', at + 4, at + 6)
    const length = long.has(vr) ? bytes.readUInt32LE(at + 8) : bytes.readUInt16LE(at + 6)
    at += long.has(vr) ? 12 : 8
    const value = bytes.subarray(at, at + length)
    if (value.length !== length || length % 2 !== 0) throw new Error(`${tag} has ${value.length} of ${length} bytes`)
    at += length
    set.set(tag, vr === 'SQ' ? itemsIn(value) : value.toString('utf8').replace(/[\0 ]+$/, ''))
  }
  return set
}

function itemsIn(bytes: Buffer): Read[] {
  const items: Read[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes.readUInt32LE(at) !== 0xe000fffe) throw new Error('no item')
    const length = bytes.readUInt32LE(at + 4)
    items.push(readSet(bytes.subarray(at + 8, at + 8 + length)))
    at += 8 + length
  }
  return items
}

/** Items at a path of sequences, of all items on the way. */
export function itemsAt(set: Read, ...path: string[]): Read[] {
  return path.reduce<Read[]>((sets, tag) => sets.flatMap(each => (each.get(tag) ?? []) as Read[]), [set])
}
