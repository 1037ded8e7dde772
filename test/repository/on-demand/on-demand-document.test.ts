import { expect } from 'chai'
import { repositoryUniqueId } from '../../domain/a-domain.js'
import { codesOf } from '../../registry/a-registry.js'
import { samplePatientId } from '../../samples/submission.js'
import { aSource, type Source, textOf } from './a-source.js'

const greeting = "export default () => ({ mimeType: 'text/plain', content: 'Grüezi' })"
const getRelatedDocuments = 'urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6'

describe('a document made on demand', function () {
  this.timeout(60_000)
  let source: Source
  afterEach(() => source.close())

  it('is made when it is retrieved, under an id of its own [ITI TF-2:3.43.4.2.2]', async () => {
    source = await aSource({ greeting }, { persist: false })
    const entry = await source.announce('greeting')
    const response = await source.retrieve(entry.uniqueId ?? '')
    expect(response.errors).to.deep.equal([])
    expect(response.status).to.equal('Success')
    const [document] = response.documents
    expect(document).to.include({ documentUniqueId: entry.uniqueId, repositoryUniqueId, mimeType: 'text/plain' })
    expect(document?.newDocumentUniqueId).to.match(/^2\.25\.\d+$/)
    expect(document).to.not.have.property('newRepositoryUniqueId')
    expect(await textOf(response)).to.equal('Grüezi')
  })

  it('has the same id while its content is the same, and leaves nothing behind when it is not kept [ITI TF-2:3.43.4.2.2]', async () => {
    source = await aSource(
      { greeting, time: 'export default () => ({ content: [new Date().toISOString(), Math.random().toString()] })' },
      { persist: false },
    )
    const [same, other] = [await source.announce('greeting'), await source.announce('time')]
    const ids: (string | undefined)[] = []
    for (const uniqueId of [same.uniqueId, same.uniqueId, other.uniqueId, other.uniqueId]) {
      ids.push((await source.retrieve(uniqueId ?? '')).documents[0]?.newDocumentUniqueId)
    }
    expect(new Set(ids).size).to.equal(3)
    expect(ids[0]).to.equal(ids[1])
    expect(codesOf(await source.retrieve(ids[0] ?? ''))).to.deep.equal(['XDSDocumentUniqueIdError'])
  })

  it('is kept and registered as a snapshot before it is handed out [ITI TF-2:3.43.4.2.3]', async () => {
    source = await aSource({ greeting })
    const entry = await source.announce('greeting')
    const response = await source.retrieve(entry.uniqueId ?? '')
    const [document] = response.documents
    expect(document?.newRepositoryUniqueId).to.equal(repositoryUniqueId)
    expect(await textOf(response)).to.equal('Grüezi')

    const again = await source.retrieve(document?.newDocumentUniqueId ?? '')
    expect(await textOf(again)).to.equal('Grüezi')
    expect(again.documents[0]).to.not.have.any.keys('newDocumentUniqueId', 'newRepositoryUniqueId')

    const related = await source.query(getRelatedDocuments, {
      $XDSDocumentEntryEntryUUID: `'${entry.entryUUID}'`,
      $AssociationTypes: "('urn:ihe:iti:2010:AssociationType:IsSnapshotOf')",
      $XDSDocumentEntryType:
        "('urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248','urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1')",
    })
    const [snapshot, ...more] = related.documentEntries.filter(each => each.objectType === 'stable')
    expect(more).to.deep.equal([])
    expect(snapshot).to.deep.include({
      uniqueId: document?.newDocumentUniqueId,
      repositoryUniqueId,
      mimeType: 'text/plain',
      size: String(Buffer.byteLength('Grüezi')),
      patientId: samplePatientId,
      availabilityStatus: 'Approved',
    })
    expect(snapshot?.typeCode?.code).to.equal(entry.typeCode?.code)
    expect(related.associations).to.have.length(1)
    expect(related.associations[0]).to.include({ sourceObject: snapshot?.entryUUID, targetObject: entry.entryUUID })
  })

  it('is registered once, however many ask for it at once [ITI TF-2:3.43.4.2.3]', async () => {
    source = await aSource({ greeting })
    const { uniqueId = '' } = await source.announce('greeting')
    const responses = await Promise.all([1, 2, 3].map(() => source.retrieve(uniqueId)))
    await source.retrieve(uniqueId)
    expect(responses.map(({ status }) => status)).to.deep.equal(['Success', 'Success', 'Success'])
    const ids = new Set(responses.map(({ documents }) => documents[0]?.newDocumentUniqueId))
    expect(ids.size).to.equal(1)
    const count = source.domain.stores.registry.prepare('SELECT count(*) AS n FROM document_entries WHERE type = 1')
    expect(count.get<{ n: number }>()?.n).to.equal(1)
  })

  it('is streamed in pieces, and a large one never stands in memory', async () => {
    const mebibytes =
      'export default () => ({ content: (function* () { for (let n = 0; n < 40; n++) yield Buffer.alloc(262144, n) })() })'
    for (const persist of [true, false]) {
      source = await aSource({ mebibytes }, { persist })
      const entry = await source.announce('mebibytes')
      const response = await source.retrieve(entry.uniqueId ?? '')
      expect(response.errors, JSON.stringify(source.domain.unforeseen)).to.deep.equal([])
      const text = await textOf(response)
      expect(text.length).to.be.greaterThan(10_000_000)
      await source.close()
    }
    source = await aSource()
  })

  it('is not known without an entry, or under another type [ITI TF-2:3.43.4.1.3]', async () => {
    source = await aSource({ greeting })
    const entry = await source.announce('greeting', { uniqueId: '2.999.77^nothing' })
    const response = await source.retrieve('2.999.5^greeting', entry.uniqueId ?? '', '2.999.5^other')
    expect(response.status).to.equal('Failure')
    expect(codesOf(response)).to.deep.equal(Array(3).fill('XDSDocumentUniqueIdError'))
    expect(response.errors.map(({ location }) => location)).to.deep.equal([
      '2.999.5^greeting',
      '2.999.77^nothing',
      '2.999.5^other',
    ])
  })

  it('is not made in the place of a stable document that is named like it', async () => {
    source = await aSource({ greeting })
    const uniqueId = '2.999.78^greeting'
    expect((await source.submit({ uniqueId })).errors).to.deep.equal([])
    const response = await source.retrieve(uniqueId)
    expect(await textOf(response)).to.equal(uniqueId)
    expect(response.documents[0]).to.not.have.property('newDocumentUniqueId')
  })

  it('says so when the registry refuses the snapshot', async () => {
    source = await aSource({ greeting })
    const entry = await source.announce('greeting')
    // Meanwhile the entry was replaced: nothing may be related to it any more.
    source.domain.stores.registry
      .prepare('UPDATE document_entries SET status = 2 WHERE entry_uuid = ?')
      .run(entry.entryUUID)
    const response = await source.retrieve(entry.uniqueId ?? '')
    expect(codesOf(response)).to.deep.equal(['XDSRegistryDeprecatedDocumentError'])
    expect(response.errors[0]?.location).to.equal(entry.uniqueId)
    const kept = source.domain.stores.repository.prepare('SELECT count(*) AS n FROM document').get<{ n: number }>()
    expect(kept?.n).to.equal(0)
  })

  it('is written down by both sides of each exchange that it took [ITI TF-2:3.20.7.1]', async () => {
    source = await aSource({ greeting })
    const entry = await source.announce('greeting')
    await source.retrieve(entry.uniqueId ?? '')
    const records = source.domain.audited('repository')
    const types = records.map(record => /csd-code="(ITI-\d+)"/.exec(record)?.[1])
    expect(types.sort()).to.deep.equal(['ITI-18', 'ITI-42', 'ITI-43'])
    const retrieved = records.find(record => record.includes('csd-code="ITI-43"')) ?? ''
    expect(retrieved).to.contain(samplePatientId.replaceAll('&', '&amp;')).and.to.contain(entry.uniqueId)
  })
})

describe('a plug-in that fails', function () {
  this.timeout(60_000)
  let source: Source
  afterEach(() => source.close())

  const faults: [string, string, RegExp][] = [
    ['throws', "export default () => { throw new Error('no luck') }", /no luck/],
    ['rejects', "export default async () => { throw new Error('no luck') }", /no luck/],
    [
      'throws in the middle',
      "export default () => ({ content: (function* () { yield 'a'; throw new Error('no luck') })() })",
      /no luck/,
    ],
    [
      'never answers',
      'export default () => new Promise(() => { setInterval(() => {}, 1000) })',
      /not done after 1000 ms/,
    ],
    ['forgets to answer', 'export default () => new Promise(() => {})', /./],
    ['turns in circles', 'export default () => { for (;;); }', /not done after 1000 ms/],
    [
      'never ends',
      "export default () => ({ content: (function* () { for (;;) yield 'more and more' })() })",
      /longer than 2000000 bytes|not done/,
    ],
    [
      'hangs in the middle',
      "export default () => ({ content: (async function* () { yield 'a'; await new Promise(() => { setInterval(() => {}, 1000) }) })() })",
      /not done after 1000 ms/,
    ],
    [
      'makes too much at once',
      'export default () => ({ content: Buffer.alloc(3000000) })',
      /longer than 2000000 bytes/,
    ],
    [
      'takes all memory',
      'const all = []; export default () => { for (;;) all.push(new Array(1000000).fill(0).map((_, n) => ({ n }))) }',
      /memory|not done/,
    ],
    ['ends its thread', 'export default () => process.exit(3)', /ended with code 3/],
    ['makes nothing', 'export default () => undefined', /made nothing/],
    ['makes no content', "export default () => ({ mimeType: 'text/plain' })", /no text, no bytes/],
    ['makes pieces of numbers', 'export default () => ({ content: [1, 2] })', /neither text nor bytes/],
    [
      'has a wrong media type',
      "export default () => ({ mimeType: 'text/plain\\r\\nx: y', content: 'a' })",
      /no media type/,
    ],
    ['has a wrong uniqueId', "export default () => ({ uniqueId: 'one', content: 'a' })", /no uniqueId/],
    ['exports no function', 'export default 1', /no function/],
    ['is no JavaScript', 'export default {{{', /Unexpected/],
    [
      'fails in an event',
      "export default () => new Promise(() => setTimeout(() => { throw new Error('late') }, 1))",
      /late/,
    ],
  ]
  for (const [what, plugIn, why] of faults) {
    it(`costs its own document alone: it ${what}`, async () => {
      // What fails by itself fails for that, however long its thread takes to begin.
      const timeoutMs = why.source.includes('not done') || what === 'forgets to answer' ? 1_000 : 30_000
      source = await aSource({ odd: plugIn }, { timeoutMs, maxBytes: 2_000_000 })
      const entry = await source.announce('odd')
      expect((await source.submit({ uniqueId: '2.999.79' })).status).to.equal('Success')
      const response = await source.retrieve(entry.uniqueId ?? '', '2.999.79')
      expect(response.status).to.equal('PartialSuccess')
      expect(codesOf(response)).to.deep.equal(['XDSRepositoryError'])
      expect(response.errors[0]?.codeContext).to.contain('could not be made').and.to.contain('trace')
      expect(JSON.stringify(source.domain.unforeseen)).to.match(why)
      expect(await textOf(response)).to.equal('2.999.79')
    })
  }

  it('is told when the registry refuses what it asks, and may go on', async () => {
    const asking = `export default async ({ query }) => {
      try { await query({ id: 'urn:uuid:nothing', parameters: {} }) }
      catch (problem) { return { content: problem.message } }
    }`
    source = await aSource({ asking })
    const { uniqueId = '' } = await source.announce('asking')
    expect(await textOf(await source.retrieve(uniqueId))).to.contain('XDSUnknownStoredQuery')
  })

  it('may not give one id to two contents', async () => {
    source = await aSource({
      odd: "export default ({ now }) => ({ uniqueId: '2.999.80', content: String(Math.random()) })",
    })
    const { uniqueId = '' } = await source.announce('odd')
    expect((await source.retrieve(uniqueId)).status).to.equal('Success')
    expect(codesOf(await source.retrieve(uniqueId))).to.deep.equal(['XDSRepositoryError'])
    expect(JSON.stringify(source.domain.unforeseen)).to.contain('to another content before')
  })

  it('makes others wait no longer than an answer that says so', async () => {
    source = await aSource(
      { slow: 'export default () => new Promise(done => setTimeout(() => done({ content: "a" }), 700))' },
      { atOnce: 1 },
    )
    const { uniqueId = '' } = await source.announce('slow')
    const responses = await Promise.all([source.retrieve(uniqueId), source.retrieve(uniqueId)])
    expect(responses.flatMap(codesOf)).to.deep.equal(['XDSRepositoryBusy'])
    expect((await source.retrieve(uniqueId)).status).to.equal('Success')
  })
})
