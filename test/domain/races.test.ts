// Many at once: of whatever order they come to their turn, the invariants hold.
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { provideAndRegisterDocumentSet, registryStoredQuery, retrieveDocumentSet } from '../../transactions/xds.js'
import { aDocumentEntry, aSubmission } from '../samples/submission.js'
import { aDomain, type Domain, repositoryUniqueId, type Sent } from './a-domain.js'
import { read, written } from './messages.js'

const many = Number(process.env.CARNET_RACERS ?? 100)
const uniqueId = '2.999.77.1'

/** A submission set of its own, one document under the same uniqueId in all of them. */
async function submissionOf(patientId: string, bytes: Buffer): Promise<Sent> {
  const entry = aDocumentEntry({ patientId, uniqueId, hash: undefined, size: undefined, repositoryUniqueId: undefined })
  const submission = aSubmission({ submissionSet: { patientId }, documentEntries: [entry] })
  const documents = [{ id: entry.entryUUID, content: { inline: bytes } }]
  return written(provideAndRegisterDocumentSet, { submission, documents })
}

describe('many submissions at once', () => {
  let domain: Domain
  const open = async (changes: Parameters<typeof aDomain>[0] = {}) => {
    domain = await aDomain(changes)
  }
  afterEach(() => domain.close())

  async function outcomes(messages: Sent[]) {
    const answers = await Promise.all(
      messages.map(async message => read(provideAndRegisterDocumentSet, await domain.send('repository', message))),
    )
    expect(domain.unforeseen).to.deep.equal([])
    return {
      successes: answers.filter(({ status }) => status === 'Success').length,
      codes: [...new Set(answers.flatMap(({ errors }) => errors.map(error => error.errorCode)))].sort(),
    }
  }

  async function entries(patientId: string) {
    const find = {
      id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d',
      returnType: 'LeafClass',
      slots: [
        { name: '$XDSDocumentEntryPatientId', values: [`'${patientId}'`] },
        { name: '$XDSDocumentEntryStatus', values: ["('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"] },
      ],
    }
    const { result } = await read(
      registryStoredQuery,
      await domain.send('registry', await written(registryStoredQuery, find)),
    )
    return result?.documentEntries ?? []
  }

  async function retrieved(): Promise<Buffer> {
    const asked = { documents: [{ repositoryUniqueId, documentUniqueId: uniqueId }] }
    const { documents } = await read(
      retrieveDocumentSet,
      await domain.send('repository', await written(retrieveDocumentSet, asked)),
    )
    const pieces: Uint8Array[] = []
    for await (const piece of documents[0]?.open() ?? []) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  /** Sets without what they hold, or the other way round. */
  const halves = () =>
    domain.stores.registry
      .prepare(
        `SELECT (SELECT count(*) FROM submission_sets) AS sets, (SELECT count(*) FROM document_entries) AS entries,
           (SELECT count(*) FROM associations) AS members, (SELECT count(*) FROM fragments) AS fragments`,
      )
      .get<{ sets: number; entries: number; members: number; fragments: number }>()

  it(`of one document take all ${many}, since all have the same bytes [ITI TF-2:3.42.4.1.3.3.1]`, async () => {
    await open()
    const patientId = 'SAME^^^&2.999.5&ISO'
    const bytes = Buffer.from('the very same document')
    const { successes, codes } = await outcomes(
      await Promise.all(Array.from({ length: many }, () => submissionOf(patientId, bytes))),
    )
    expect([successes, codes]).to.deep.equal([many, []])
    expect(halves()).to.deep.equal({ sets: many, entries: many, members: many, fragments: 3 * many })
  }).timeout(120_000)

  it('of different bytes under one uniqueId keep to one of them, whole or not at all [ITI TF-2:3.42.4.1.3.3.1]', async () => {
    await open()
    const patientId = 'OTHER^^^&2.999.5&ISO'
    const contents = [Buffer.from('one content'), Buffer.from('another content, of another size')]
    const messages = Array.from({ length: many }, (_, index) => submissionOf(patientId, contents[index % 2]!))
    const { successes, codes } = await outcomes(await Promise.all(messages))
    const kept = await entries(patientId)
    expect(kept).to.have.length(successes)
    expect(successes).to.be.greaterThan(0)
    const [hash, ...others] = [...new Set(kept.map(entry => entry.hash))]
    expect(others).to.deep.equal([])
    expect(
      createHash('sha1')
        .update(await retrieved())
        .digest('hex'),
    ).to.equal(hash)
    expect(halves()).to.deep.equal({
      sets: successes,
      entries: successes,
      members: successes,
      fragments: 3 * successes,
    })
    // What was refused was refused for its bytes, or because the outcome of another was not yet known.
    for (const code of codes) {
      expect(code).to.be.oneOf([
        'XDSNonIdenticalHash',
        'XDSNonIdenticalSize',
        'XDSRepositoryBusy',
        'XDSRegistryNotAvailable',
      ])
    }
  }).timeout(120_000)

  it('of one message are one submission, and all hear the same', async () => {
    await open()
    const message = await submissionOf('ONE^^^&2.999.5&ISO', Buffer.from('sent again and again'))
    const { successes, codes } = await outcomes(Array.from({ length: many }, () => message))
    expect([successes, codes]).to.deep.equal([many, []])
    expect(halves()).to.deep.equal({ sets: 1, entries: 1, members: 1, fragments: 3 })
  }).timeout(120_000)
})
