// Messages that somebody has tampered with: the answer is always a fault or an IHE answer, never a crash, a hang or half a submission.
import { expect } from 'chai'
import { namespaces } from '../../soap/namespaces.js'
import { isElement, parseXml } from '../../soap/xml.js'
import {
  provideAndRegisterDocumentSet,
  registerDocumentSet,
  registryStoredQuery,
  retrieveDocumentSet,
} from '../../transactions/xds.js'
import { aFolder, aSubmission } from '../samples/submission.js'
import { aSwissSubmission } from '../samples/swiss.js'
import { aDomain, type Domain, type Endpoint, repositoryUniqueId, type Sent } from './a-domain.js'
import { written } from './messages.js'
import { generator, mutated } from './mutations.js'

const seed = Number(process.env.CARNET_FUZZ_SEED ?? 20261123)
const all = Number(process.env.CARNET_FUZZ_COUNT ?? 500)
const slowMs = 2_000

/** What goes through under the rules of the framework, and of a domain that has many of its own. */
const suites = [
  { profile: 'ihe', count: all, submission: aSubmission, folders: [aFolder()] },
  { profile: 'ch-epr', count: Math.ceil(all / 3), submission: aSwissSubmission, folders: [] },
]

for (const suite of suites) mutatedMessages(suite)

function mutatedMessages({ profile, count, ...samples }: (typeof suites)[number]) {
  describe(`mutated messages (profile ${profile}, seed ${seed}, ${count} of them)`, function () {
    this.timeout(count * 40 + 20_000)
    let domain: Domain

    before(async () => {
      domain = await aDomain({ profile })
    })
    after(() => domain.close())

    it('are answered by a fault or in the terms of the transaction', async () => {
      const random = generator(seed)
      const messages = await someMessages(samples)
      const tally = { faults: 0, refused: 0, accepted: 0 }
      for (let number = 0; number < count; number += 1) {
        const { to, message } = messages[Math.floor(random() * messages.length)]!
        const changed = mutated(message, random)
        const before = process.cpuUsage()
        const answer = await domain.send(to, changed)
        const words = `message ${number} of seed ${seed}`
        // Of the processor, for what else goes on at this machine is not its fault.
        const { user, system } = process.cpuUsage(before)
        expect((user + system) / 1_000, `${words} took too long`).to.be.lessThan(slowMs)
        expect(domain.unforeseen, words).to.deep.equal([])
        tally[verdictOf(answer, words)] += 1
      }
      // A run in which nothing gets through, or everything does, would prove nothing.
      expect(tally.faults).to.be.greaterThan(count / 20)
      expect(tally.refused).to.be.greaterThan(count / 50)
      expect(tally.accepted).to.be.greaterThan(count / 50)
    })

    it('leave no submission half there: every set, entry and document stands complete', () => {
      const { registry, repository } = domain.stores
      const waiting = repository
        .prepare("SELECT count(*) AS n FROM submission WHERE state <> 'registered'")
        .get<{ n: number }>()
      expect(waiting?.n).to.equal(0)
      const countOf = (table: string) =>
        registry.prepare(`SELECT count(*) AS n FROM ${table}`).get<{ n: number }>()?.n ?? 0
      const entries = countOf('document_entries')
      const members = countOf('associations')
      expect(entries).to.be.greaterThan(0)
      expect(members).to.be.at.least(entries)
    })
  })
}

function verdictOf(
  { status, headers, body }: { status: number; headers: Record<string, string>; body: Buffer },
  words: string,
): 'faults' | 'refused' | 'accepted' {
  const text = body.toString()
  const start = text.search(/<(?:\w+:)?Envelope/)
  const envelope = parseXml(
    text.slice(start, text.search(/<\/(?:\w+:)?Envelope>/) + /<\/(?:\w+:)?Envelope>/.exec(text)![0].length),
  )
  const content = envelope.children.find(child => child.name === 'Body')?.children[0]
  expect(content, `${words}: ${text.slice(0, 500)}`).not.to.equal(undefined)
  expect(text, words).not.to.match(/\.(js|ts):\d+/)
  if (content!.name === 'Fault') {
    expect(
      isElement(content!, namespaces.soap12, 'Fault') || isElement(content!, namespaces.soap11, 'Fault'),
      words,
    ).to.equal(true)
    expect(status, words).to.be.oneOf([413, 415, 500])
    return 'faults'
  }
  expect(status, words).to.equal(200)
  expect(headers['content-type'], words).not.to.equal(undefined)
  return text.includes('ResponseStatusType:Success') ? 'accepted' : 'refused'
}

async function someMessages({
  submission,
  folders,
}: Pick<(typeof suites)[number], 'submission' | 'folders'>): Promise<{ to: Endpoint; message: Sent }[]> {
  const content = Buffer.from('%PDF-1.7\n'.repeat(200))
  const provided = submission({ documentEntry: { hash: undefined, size: undefined } })
  const entry = provided.documentEntries[0]!
  const provide = {
    submission: provided,
    documents: [{ id: entry.entryUUID, content: { inline: content } }],
  }
  const find = (id: string, slots: [string, string][]) => ({
    id,
    returnType: 'LeafClass',
    slots: slots.map(([name, value]) => ({ name, values: [value] })),
  })
  const approved = "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')"
  return [
    { to: 'repository', message: await written(provideAndRegisterDocumentSet, provide) },
    { to: 'repository', message: await written(provideAndRegisterDocumentSet, provide, 'plain') },
    { to: 'registry', message: await written(registerDocumentSet, submission({ folders })) },
    { to: 'registry', message: await written(registerDocumentSet, submission(), 'MTOM') },
    {
      to: 'registry',
      message: await written(
        registryStoredQuery,
        find('urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', [
          ['$XDSDocumentEntryPatientId', "'P-1^^^&2.999.1.2.3&ISO'"],
          ['$XDSDocumentEntryStatus', approved],
          ['$XDSDocumentEntryClassCode', "('a^^b','c^^d')"],
          ['$XDSDocumentEntryCreationTimeFrom', '2020'],
        ]),
      ),
    },
    {
      to: 'registry',
      message: await written(
        registryStoredQuery,
        find('urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4', [['$XDSDocumentEntryUniqueId', `('${entry.uniqueId}')`]]),
      ),
    },
    {
      to: 'repository',
      message: await written(retrieveDocumentSet, {
        documents: [{ repositoryUniqueId, documentUniqueId: entry.uniqueId! }],
      }),
    },
  ]
}
