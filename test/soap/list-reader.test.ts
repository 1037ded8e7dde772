// A long list in a document, read item by item.
import { expect } from 'chai'
import { listReader } from '../../soap/list-reader.js'
import { childOf, parseXml, serialiseXml, type XmlElement } from '../../soap/xml.js'

const path = ['envelope', 'list']
const limits = { totalBytes: 2_000 }

/** Read in pieces of so many bytes. */
async function read(
  text: string | Buffer,
  pieceBytes = 7,
  totalBytes = limits.totalBytes,
): Promise<{ items: XmlElement[]; root: XmlElement }> {
  const items: XmlElement[] = []
  const reader = listReader({ totalBytes }, { path, take: item => void items.push(item) })
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += pieceBytes) await reader.write(bytes.subarray(at, at + pieceBytes))
  return { items, root: reader.end() }
}

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (problem: Error) => problem.message,
  )

describe('soap/list-reader', () => {
  const text =
    '<?xml version="1.0"?><s:envelope xmlns:s="urn:s" xmlns="urn:outer" a="xmlns:t=\'urn:wrong\' >"><!-- <list> --><head><list><x/></list></head>' +
    '<list xmlns=\'urn:inner\'>\n <one a=">"/><two xmlns="urn:own"><b>é<![CDATA[</two>]]></b></two ><?p <three>?><s:three/></list><tail/></s:envelope>'

  it('takes the items and leaves the document around them, wherever it is cut', async () => {
    for (const pieceBytes of [1, 2, 3, 7, 64, 10_000]) {
      const { items, root } = await read(text, pieceBytes)
      expect(items.map(({ namespace, name }) => [namespace, name])).to.deep.equal([
        ['urn:inner', 'one'],
        ['urn:own', 'two'],
        ['urn:s', 'three'],
      ])
      expect(items[1]?.children[0]?.text).to.equal('é</two>')
      expect(root.children.map(({ name, children }) => [name, children.length])).to.deep.equal([
        ['head', 1],
        ['list', 0],
        ['tail', 0],
      ])
    }
  })

  it('gives what reading it whole would give', async () => {
    const { items } = await read(text)
    const whole = childOf(parseXml(text), 'urn:inner', 'list')?.children ?? []
    expect(items.map(item => serialiseXml(item))).to.deep.equal(whole.map(item => serialiseXml(item)))
  })

  it('has no bound for all items together, and keeps none', async () => {
    const items = Array.from({ length: 1_000 }, (_, index) => `<item n="${index}"/>`).join('')
    expect((await read(`<envelope><list>${items}</list></envelope>`, 1_000)).items).to.have.length(1_000)
    const around = '<x/>'.repeat(1_000)
    expect(await problemOf(read(`<envelope>${around}<list/></envelope>`, 1_000))).to.contain('longer than 2000 bytes')
  })

  it('looks through markup once, in however many pieces it comes', async () => {
    for (const end of ['a=">">', 'a=\'"\' b="']) {
      const long = `<envelope a="${'x'.repeat(600_000)}" ${end}`
      const startedMs = performance.now()
      expect(await problemOf(read(long, 256))).to.be.a('string')
      expect(performance.now() - startedMs).to.be.lessThan(1_500)
    }
    expect(await problemOf(read(`<envelope a="${'x'.repeat(5_000_000)}`, 65_536))).to.contain('longer than 4194304')
  })

  it('bounds the namespaces that each item is read behind', async () => {
    const declared = (length: number) =>
      `<envelope xmlns:a="urn:${'x'.repeat(length)}"><list><a:item/></list></envelope>`
    expect((await read(declared(1_500))).items).to.have.length(1)
    expect(await problemOf(read(declared(10_000), 1_000, 20_000))).to.contain(
      'declared around the list have more than 8192',
    )
  })

  it('waits for whoever takes an item', async () => {
    const events: string[] = []
    const reader = listReader(limits, {
      path,
      take: async ({ name }) => {
        await new Promise(resolve => setTimeout(resolve, 5))
        events.push(name)
      },
    })
    await reader.write(Buffer.from('<envelope><list><a/><b/></list></envelope>'))
    expect(events).to.deep.equal(['a', 'b'])
  })

  it('refuses what is no document', async () => {
    const wrong = [
      '<envelope><list><a></b></list></envelope>',
      '<envelope><list><a>',
      '<envelope><list><a/></list>',
      '<a><!x></a>',
    ]
    for (const text of wrong) expect(await problemOf(read(text)), text).to.be.a('string')
    expect(
      await problemOf(
        read(Buffer.from([...Buffer.from('<envelope><list><a>'), 0xff, ...Buffer.from('</a></list></envelope>')])),
      ),
    ).to.contain('UTF-8')
  })

  it('leaves the list in a document that is not UTF-8', async () => {
    const { items, root } = await read(Buffer.from('\ufeff<envelope><list><a/></list></envelope>', 'utf16le'))
    expect([items.length, root.children[0]?.children.length]).to.deep.equal([0, 1])
  })
})
