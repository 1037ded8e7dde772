// Rows of a registry that has been there for long: objects written out, as they were kept before there were phrases.
import { expect } from 'chai'
import { spliced } from '../../../metadata/fragment.js'
import { fragmentIn as onServer, type FragmentRow as ServerRow } from '../../../registry/postgres/fragments.js'
import { type FragmentRow, fragmentIn } from '../../../registry/tables/fragment-row.js'
import { bytesOf } from '../../../soap/xml.js'
import { aDocumentEntry, aFolder, aSubmission, samplePatientId } from '../../samples/submission.js'
import { anyStatus, aRegistry, codesOf, quote, type TestRegistry } from '../a-registry.js'
import { engineUnderTest } from '../engines.js'

const isOnServer = engineUnderTest === 'postgres'
const tables = isOnServer ? ['document_entries', 'submission_sets', 'folders', 'associations'] : ['fragments']
const status = ' status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved">'

describe('objects that are kept written out', () => {
  let registry: TestRegistry
  const submission = aSubmission({ documentEntries: [aDocumentEntry(), aDocumentEntry()], folders: [aFolder()] })
  const objects = [...submission.submissionSets, ...submission.documentEntries, ...submission.folders]
  const ids = [...objects, ...submission.associations].map(({ entryUUID }) => entryUUID)
  const survivor = 'SURVIVOR^^^&2.999.1.2.3&ISO'

  beforeEach(async () => {
    registry = await aRegistry()
    expect(codesOf(await registry.register(submission))).to.deep.equal([])
  })
  afterEach(() => registry.close())

  it('are answered as those in phrases, beside them, and under the id that a merge has left [ITI TF-2:3.18.4.1.2.3.9]', async () => {
    const before = await all(samplePatientId)
    await writeOut('WHERE object % 2 = 0')
    expect(await all(samplePatientId)).to.deep.equal(before)
    await registry.addPatient(survivor)
    await registry.merge(samplePatientId, survivor)
    const halfMerged = await all(survivor)
    await writeOut()
    expect(await all(survivor)).to.deep.equal(halfMerged)
    expect(halfMerged.documentEntries.map(({ patientId }) => patientId)).to.deep.equal([survivor, survivor])
  })

  it('leave every table when they are removed [ITI TF-2:3.62.4.1.3]', async () => {
    await writeOut()
    expect((await registry.remove(...ids)).status).to.equal('Success')
    const contents = await registry.contents()
    for (const table of [...tables, 'unique_ids', 'entry_uuids']) expect(contents[table], table).to.deep.equal([])
  })

  it('are of no other form than the two', () => {
    expect(() => fragmentIn({ head: 2, body: Buffer.alloc(0) })).to.throw('in form 2, which this version does not know')
    expect(() => onServer({ head: '2', body: '' })).to.throw('in form 2, which this version does not know')
  })

  async function all(patientId: string) {
    return registry.found('GetAll', {
      $patientId: quote(patientId),
      $XDSDocumentEntryStatus: anyStatus,
      $XDSSubmissionSetStatus: anyStatus,
      $XDSFolderStatus: anyStatus,
    })
  }

  async function writeOut(where = ''): Promise<void> {
    for (const table of tables) {
      const rows = await registry.sql<(FragmentRow | ServerRow) & { object: number }>(
        `SELECT object, head, body FROM ${table} ${where}`,
      )
      for (const row of rows) {
        const fragment = typeof row.body === 'string' ? onServer(row as ServerRow) : fragmentIn(row as FragmentRow)
        if (!('inPhrases' in fragment)) continue
        const [head = '', body = ''] = bytesOf(spliced(fragment, { availabilityStatus: 'Approved' }))
          .toString()
          .split(status)
        const [first, rest] = isOnServer ? [head, body] : [Buffer.from(head), Buffer.from(body)]
        await registry.sql(`UPDATE ${table} SET head = ?, body = ? WHERE object = ?`, first, rest, row.object)
      }
    }
  }
})
