// What ITI-62 has removed cannot be read out of the files.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Submission } from '../../metadata/model.js'
import { systemFiles } from '../../ports/files.js'
import { systemPorts } from '../../ports/ports.js'
import { objectsOf } from '../../registry/store/commit.js'
import { aCode, aDocumentEntry, aFolder, anAuthor, aSubmission } from '../samples/submission.js'
import { aRegistry, type TestRegistry } from './a-registry.js'

describe('removed metadata', () => {
  let folder: string
  let registry: TestRegistry

  beforeEach(async () => {
    folder = await systemFiles.temporaryFolder('carnet-erased-')
    registry = await aRegistry({}, 'ihe', join(folder, 'registry.db'))
  })
  afterEach(async () => {
    await registry.close()
    await systemFiles.removeFolder(folder)
  })

  it('is in no file of the registry: database, free pages, write-ahead log [ITI TF-2:3.62.4.1.3]', async () => {
    const submissions = Array.from({ length: 120 }, (_, number) => aTellingSubmission(number))
    for (const patient of patients) await registry.addPatient(patient)
    for (const submission of submissions) expect((await registry.register(submission)).errors).to.deep.equal([])
    const removed = submissions.filter((_, number) => number % 3 === 0)
    const words = removed.flatMap(wordsOf)
    expect(await readable(words)).to.deep.equal(words)
    for (const submission of removed) {
      const ids = objectsOf(submission).map(({ entryUUID }) => entryUUID)
      expect((await registry.remove(...ids)).status).to.equal('Success')
    }
    expect(await readableInTheEnd(words)).to.deep.equal([])
    const kept = submissions.filter((_, number) => number % 3 !== 0).flatMap(wordsOf)
    expect(await readable(kept)).to.deep.equal(kept)
  }).timeout(60_000)

  /** On a slow disk the last step is put off a little, so that it does not hold up others. */
  async function readableInTheEnd(words: readonly string[]): Promise<string[]> {
    for (let tries = 0; tries < 150 && (await readable(words)).length > 0; tries++) await systemPorts.clock.sleep(200)
    return readable(words)
  }

  async function readable(words: readonly string[]): Promise<string[]> {
    const names = await readdir(folder)
    const texts = await Promise.all(names.map(async name => (await readFile(join(folder, name))).toString('latin1')))
    return words.filter(word => texts.some(text => text.includes(word)))
  }
})

const patients = Array.from({ length: 7 }, (_, number) => `P-${number}^^^&2.999.1.2.3&ISO`)

/** Every attribute that can hold text has a word of its own. */
function aTellingSubmission(number: number): Submission {
  const word = (attribute: string) => `${attribute}-${number}-told`
  const text = (attribute: string) => [{ value: word(attribute), lang: 'en' }]
  const patientId = patients[(number * 5) % patients.length] ?? ''
  return aSubmission({
    submissionSet: { patientId, title: text('setTitle'), comments: text('setComments') },
    documentEntries: [
      aDocumentEntry({
        patientId,
        title: text('title'),
        comments: [{ value: `${word('comments')} `.repeat(1 + (number % 30)), lang: 'en' }],
        author: [anAuthor({ authorPerson: `^${word('author')}^Änne` })],
        eventCodeList: [{ ...aCode('E1', word('event')) }],
        referenceIdList: [`${word('reference')}^^^&2.999.7&ISO^urn:ihe:iti:xds:2013:order`],
        sourcePatientInfo: [`PID-5|${word('source')}^Änne`],
        uniqueId: `2.999.77.${number}.1`,
      }),
    ],
    folders: [aFolder({ patientId, title: text('folderTitle') })],
  })
}

function wordsOf(submission: Submission): string[] {
  const number = Number(submission.documentEntries[0]?.uniqueId?.split('.').at(-2))
  const attributes = [
    'setTitle',
    'setComments',
    'title',
    'comments',
    'author',
    'event',
    'reference',
    'source',
    'folderTitle',
  ]
  return [
    ...attributes.map(attribute => `${attribute}-${number}-told`),
    submission.submissionSets[0]?.uniqueId ?? '',
    submission.folders[0]?.uniqueId ?? '',
    `2.999.77.${number}.1`,
  ]
}
