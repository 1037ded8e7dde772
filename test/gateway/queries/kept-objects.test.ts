// Objects of long answers, kept while they wait.
import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { openKeptObjects } from '../../../gateway/queries/kept-objects.js'
import { systemPorts } from '../../../ports/ports.js'
import { openSpool } from '../../../soap/spool.js'
import type { XmlPiece } from '../../../soap/xml.js'
import { childrenOf, parseXml, type XmlElement } from '../../../soap/xml.js'
import {
  type ForeignObject,
  foreignObject,
  foreignQueryResponse,
} from '../../../transactions/communities/foreign-objects-codec.js'
import { folder } from '../../soap/wire.js'
import { bern, entry } from '../a-gateway.js'

const place = folder()
after(() => place.remove())

async function kept(count: number, inMemoryBytes = 65_536) {
  const spool = openSpool({ ...systemPorts, folder: place.path, inMemoryBytes })
  const open = openKeptObjects(spool, bern)
  for (let index = 0; index < count; index += 1) {
    const document = { uniqueId: `1.${index}`, hash: 'a'.repeat(40), size: index }
    await open.list.take(entry(`entry-${index}`, { document }).element)
  }
  return { ...(await open.end()), abort: open.abort }
}

async function textOf(objects: ForeignObject[]): Promise<string> {
  const { xml } = foreignQueryResponse.encode({ status: 'Success', errors: [], registryObjects: [], objects })
  const pieces = await Promise.all(xml.map(asText))
  return pieces.join('')
}

async function asText(piece: XmlPiece): Promise<string> {
  if (typeof piece === 'string' || Buffer.isBuffer(piece)) return piece.toString()
  if (!('open' in piece)) throw new Error('there are no attachments')
  const found: Uint8Array[] = []
  for await (const bytes of piece.open()) found.push(Buffer.from(bytes))
  return Buffer.concat(found).toString()
}

const idsIn = (text: string) => {
  const list = parseXml(text).children.find(({ name }) => name === 'RegistryObjectList')
  const objects = list === undefined ? [] : childrenOf(list, list.namespace, 'ExtrinsicObject')
  return objects.map(({ attributes }) => ['id', 'home'].map(name => attributes.find(each => each.name === name)?.value))
}
function manyIds(element: XmlElement): XmlElement {
  return { ...element, children: Array.from({ length: 21 }, () => element.children).flat() }
}

const entries = (...indices: number[]) => indices.map(index => [`urn:uuid:entry-${index}`, bern])

describe('objects that wait in a gateway', () => {
  it('are written again as those of their community, from memory or from the disk [ITI TF-2:3.38.4.1.3]', async () => {
    for (const inMemoryBytes of [65_536, 0]) {
      const { objects, discard } = await kept(3, inMemoryBytes)
      expect(readdirSync(place.path)).to.have.length(inMemoryBytes === 0 ? 1 : 0)
      expect(objects.map(({ home, document }) => [home, document?.documentUniqueId])).to.deep.equal([
        [undefined, '1.0'],
        [undefined, '1.1'],
        [undefined, '1.2'],
      ])
      expect(idsIn(await textOf(objects))).to.deep.equal(entries(0, 1, 2))
      await discard()
      expect(readdirSync(place.path)).to.deep.equal([])
    }
  })

  it('may be left out one by one', async () => {
    for (const inMemoryBytes of [65_536, 0]) {
      const { objects, discard } = await kept(6, inMemoryBytes)
      const some = [0, 1, 3, 5].map(index => objects[index]!)
      expect(idsIn(await textOf(some))).to.deep.equal(entries(0, 1, 3, 5))
      await discard()
    }
  })

  it('take little memory, however long they are', async () => {
    const { objects, discard } = await kept(2)
    for (const { element } of objects) expect(element).to.deep.include({ attributes: [], children: [] })
    await discard()
  })

  it('are not taken with ids that nobody has: of fifty thousand such no memory is large enough', async () => {
    const long = 'x'.repeat(2_001)
    const made: [what: string, changes: () => XmlElement][] = [
      ['id', () => entry(long).element],
      ['home', () => entry('a', { home: long }).element],
      ['patient id', () => entry('a', { patientId: long }).element],
      ['patient ids', () => manyIds(entry('a', { patientId: 'x'.repeat(100) }).element)],
    ]
    for (const [what, element] of made) {
      const open = openKeptObjects(openSpool({ ...systemPorts, folder: place.path, inMemoryBytes: 65_536 }), bern)
      const taken = Promise.resolve().then(() => open.list.take(element()))
      const why = await taken.then(
        () => 'taken',
        ({ message }: Error) => message,
      )
      expect(`${what}: ${why}`).to.match(/ids of 2\d\d\d characters in one object/)
      await open.abort()
    }
    const document = { uniqueId: long, hash: 'a'.repeat(40) }
    const { objects, discard } = await kept(0)
    expect(objects).to.deep.equal([])
    await discard()
    expect(foreignObject(entry('a', { document }).element).document).to.equal(undefined)
  })

  it('leave nothing where they are not wanted after all', async () => {
    const open = openKeptObjects(openSpool({ ...systemPorts, folder: place.path, inMemoryBytes: 0 }), bern)
    await open.list.take(entry('a').element)
    await open.abort()
    expect(readdirSync(place.path)).to.deep.equal([])
  })
})
