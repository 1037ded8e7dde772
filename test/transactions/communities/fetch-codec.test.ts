// ITI-63 as it travels: entries with their documents inside.
import { expect } from 'chai'
import { type FetchResponse, fetchResponse } from '../../../transactions/communities/fetch-codec.js'
import { bern, document, entry, fetchedWith, named, ours } from '../../gateway/a-gateway.js'
import { aSpooled, bytesOf, decodeText, inlineXml, overTheWire, xopXml } from '../../samples/encoded.js'

const anEntry = (uniqueId: string, home: string) =>
  entry(`entry-${uniqueId}`, { home, document: { uniqueId, size: 1 } })
const answer = fetchedWith(
  [anEntry('1', ours), document(named('1', ours), 'one')],
  [anEntry('2', bern), document(named('2', bern), 'two')],
)

const readIn = async ({ documents }: FetchResponse) =>
  Promise.all(
    documents.map(async each => [
      ...[each.entryUUID, each.homeCommunityId, each.repositoryUniqueId, each.documentUniqueId],
      (await bytesOf(each.open())).toString(),
    ]),
  )
const both = [
  ['urn:uuid:entry-1', ours, '2.999.20', '1', 'one'],
  ['urn:uuid:entry-2', bern, '2.999.20', '2', 'two'],
]

describe('the answer to a Cross Gateway Fetch', () => {
  it('has each document as the last child of its entry [ITI TF-2:3.63.4.2.2]', async () => {
    const encoded = fetchResponse.encode(answer)
    const xml = xopXml(encoded)
    expect(
      xml.match(/<Document xmlns="urn:ihe:iti:xds-b:2007"><xop:Include [^>]*\/><\/Document><\/ExtrinsicObject>/g),
    ).to.have.length(2)
    expect(encoded.attachments?.map(({ contentId }) => contentId)).to.deep.equal([
      'document1@carnet',
      'document2@carnet',
    ])
  })

  it('is the same after it has been written and read, in either form [ITI TF-2:3.63.4.2.2]', async () => {
    expect(await readIn(await overTheWire(fetchResponse, answer))).to.deep.equal(both)
    expect(await readIn(decodeText(fetchResponse, await inlineXml(fetchResponse.encode(answer))))).to.deep.equal(both)
    const read = await overTheWire(fetchResponse, answer)
    expect(read.objects.map(({ element }) => element.children.some(({ name }) => name === 'Document'))).to.deep.equal([
      false,
      false,
    ])
  })

  it('is put together of text that was kept elsewhere [ITI TF-2:3.63.4.2.2]', async () => {
    const text = '<ExtrinsicObject id="urn:uuid:k" home="urn:oid:2.999.9"><Name/></ExtrinsicObject>'
    const around = `<first/>${text}<last/>`
    const kept = { content: aSpooled(Buffer.from(around)), from: 8, to: 8 + text.length }
    const object = { ...anEntry('k', ours), id: 'urn:uuid:k', kept }
    const xml = xopXml(fetchResponse.encode(fetchedWith([object, document(named('k', ours))])))
    expect(xml).to.contain(`${text.slice(0, -'</ExtrinsicObject>'.length)}<Document `)
    expect(xml).not.to.contain('<first/>').and.not.to.contain('<last/>')
  })

  it('leaves other objects as they are, and is refused where a document has no names [ITI TF-2:3.63.4.2.2]', async () => {
    const other = entry('other', { home: ours })
    const read = await overTheWire(fetchResponse, { ...answer, objects: [...answer.objects, other] })
    expect([read.objects.length, read.documents.length]).to.deep.equal([3, 2])
    const nameless = fetchedWith([other, document(named('1', ours))])
    let problem: unknown
    await overTheWire(fetchResponse, nameless).catch(failure => {
      problem = failure
    })
    expect(String(problem)).to.contain('does not say in which repository')
  })
})
