// What a request reads does not grow with what it does not touch: the same request, among few and among many. Counted are rows, never
// time: on PostgreSQL those that the plans have read, in the embedded engine statements and the rows that they gave.
import { expect } from 'chai'
import type { DocumentEntry, Submission } from '../../metadata/model.js'
import type { EngineStatement } from '../../ports/files.js'
import { systemPorts } from '../../ports/ports.js'
import { newestIn } from '../../registry/sqlite/latest-versions.js'
import { aFolder, anOid, aSubmission, samplePatientId } from '../samples/submission.js'
import { anyStatus, ihe, quote, registryOver, type TestRegistry } from './a-registry.js'
import { engineUnderTest, openEmbedded, openOnPostgres, patience, postgresEngine } from './engines.js'
import { rowsReadBy, watching } from './postgres/watched-plans.js'
import { aFolderHolding, heldBySet, replacing } from './submissions.js'
import { anUpdate } from './updates.js'

const [few, many] = [5, 45]
/** What differs by chance: a page more of an index, a plan that looks twice. */
const leeway = 20

type Request = () => Promise<unknown>

describe('what a request reads', function () {
  this.timeout(20_000 * patience)
  let registry: TestRegistry
  let workOf: (request: Request) => Promise<number>

  beforeEach(async () => {
    ;({ registry, workOf } = engineUnderTest === 'postgres' ? await onPostgres() : await embedded())
    await registry.addPatient(samplePatientId)
  })
  afterEach(() => registry.close())

  const kept = async (submission: Submission) => {
    expect((await registry.register(submission)).errors).to.deep.equal([])
    return submission
  }
  const anEntry = async () => (await kept(aSubmission())).documentEntries[0] as DocumentEntry

  async function amongFewAndMany(
    grow: () => Promise<unknown>,
    next: () => Promise<Request>,
  ): Promise<[number, number]> {
    const work: number[] = []
    for (const size of [few, many]) {
      for (let at = work.length === 0 ? 0 : few; at < size; at++) await grow()
      if (engineUnderTest === 'postgres') await seemLarge()
      work.push(await workOf(await next()))
    }
    return work as [number, number]
  }

  /** So few rows are cheaper read whole than by an index; the planner is to think of a thousand times as many. */
  async function seemLarge(): Promise<void> {
    await registry.sql('ANALYZE')
    await registry.sql(`UPDATE pg_class SET reltuples = 1000 * reltuples
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') AND reltuples > 0`)
  }

  async function staysAlike(grow: () => Promise<unknown>, next: () => Promise<Request>): Promise<void> {
    const [amongFew, amongMany] = await amongFewAndMany(grow, next)
    expect(amongFew).to.be.greaterThan(0)
    expect(amongMany - amongFew, `${amongFew} among few, ${amongMany} among many`).to.be.at.most(leeway)
  }

  const registering = async (submission: Submission) => () => kept(submission)

  const removing =
    ({ submissionSets, documentEntries, associations }: Submission) =>
    async () => {
      const named = [...submissionSets, ...documentEntries, ...associations].map(({ entryUUID }) => entryUUID)
      expect((await registry.remove(...named)).errors).to.deep.equal([])
    }

  it('by an addendum does not grow with those that are there [ITI TF-2:3.42.4.1.3.5]', async () => {
    const { entryUUID } = await anEntry()
    await staysAlike(
      () => kept(replacing(entryUUID, 'APND')),
      () => registering(replacing(entryUUID, 'APND')),
    )
  })

  it('by a replacement does not grow with those before it [ITI TF-2:3.42.4.1.3.5]', async () => {
    let head = await anEntry()
    const next = () => {
      const submission = replacing(head.entryUUID)
      head = submission.documentEntries[0] as DocumentEntry
      return submission
    }
    await staysAlike(
      () => kept(next()),
      () => registering(next()),
    )
  })

  it('by a place in a Folder grows neither with what the Folder has nor with where the entry is [ITI TF-2:3.42.4.1.3.6]', async () => {
    const entry = await anEntry()
    const folder = aFolder()
    const { entryUUID: holdingFolder } = folder
    await kept(aFolderOf(await anEntry(), folder))
    await staysAlike(
      async () => {
        await kept(aFolderOf(entry, aFolder()))
        const more = aSubmission()
        await kept(withMember(more, holdingFolder, more.documentEntries[0]?.entryUUID ?? ''))
      },
      async () => {
        const other = aFolder()
        await kept(aFolderOf(await anEntry(), other))
        return registering(withMember(aSubmission({ documentEntries: [] }), other.entryUUID, entry.entryUUID))
      },
    )
  })

  describe('of versions', () => {
    let first: DocumentEntry
    let version: number
    beforeEach(async () => {
      first = await anEntry()
      version = 0
    })
    const update = async () => {
      version += 1
      const request = anUpdate(first, {}, { previousVersion: String(version) })
      expect((await registry.update(request)).errors).to.deep.equal([])
      return request
    }

    it('by one more does not grow with them [ITI TF-2:3.57.4.1.3.3.1]', () => staysAlike(update, async () => update))

    it('by the removal of one does not grow with them [ITI TF-2:3.62.4.1.3]', () =>
      staysAlike(update, async () => {
        const former = await update()
        await update()
        return removing(former)
      }))

    it('by a query that leaves out hidden ones grows as they do, no faster [CH-EPR deletionStatus]', async () => {
      const [amongFew, amongMany] = await amongFewAndMany(update, async () => async () => {
        const given = { $XDSDocumentEntryPatientId: quote(samplePatientId), $XDSDocumentEntryStatus: anyStatus }
        await registry.found('FindDocuments', { ...given, $MetadataLevel: '2' })
      })
      expect(amongMany, `${amongFew} among few`).to.be.at.most(8 * (many + 1))
    })
  })

  it('by a removal does not grow with legal holds on others [ITI TF-2:3.62.4.1.3]', () =>
    staysAlike(
      async () => {
        const values = [(await anEntry()).uniqueId ?? '', anOid()]
        const hold = { id: anOid(), kind: 'document', values, reason: 'audit', by: 'test', sinceMs: 1 } as const
        await registry.context.store.holds.put(hold, () => undefined)
      },
      async () => removing(await kept(aSubmission())),
    ))

  it('is read from the end of an index in the embedded engine', async function () {
    if (engineUnderTest === 'postgres') return this.skip()
    for (const sql of [newestIn('document_entries', '?'), newestIn('folders', '?')]) {
      const plan = await registry.sql<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, 'urn:uuid:x')
      expect(plan.map(({ detail }) => detail)).to.have.length(1)
      expect(plan[0]?.detail).to.match(/^SEARCH \w+ USING (COVERING )?INDEX \w+_by_lid \(lid=\?\)$/)
    }
    const joined = await registry.sql<{ detail: string }>(
      'EXPLAIN QUERY PLAN SELECT 1 FROM associations WHERE source = ? AND target = ?',
      ...[1, 2],
    )
    expect(joined[0]?.detail).to.contain('associations_by_ends (source=? AND target=?)')
  })
})

function aFolderOf({ entryUUID }: DocumentEntry, folder: ReturnType<typeof aFolder>): Submission {
  return aFolderHolding(folder, holding(folder.entryUUID, entryUUID))
}

function holding(sourceObject: string, targetObject: string) {
  return heldBySet(aSubmission({ submissionSet: { entryUUID: sourceObject } }), targetObject)
}

function withMember(submission: Submission, folder: string, entry: string): Submission {
  const holds = holding(folder, entry)
  submission.associations.push(holds, heldBySet(submission, holds.entryUUID))
  return submission
}

function counting(statement: EngineStatement, counted: <Rows>(rows: Rows) => Rows): EngineStatement {
  return {
    run: (...values) => statement.run(...values),
    get: (...values) => counted(statement.get(...values)),
    all: (...values) => counted(statement.all(...values)),
    iterate: (...values) => statement.iterate(...values),
  }
}

const hiding = { ...ihe, hides: () => false }

async function embedded() {
  let work = 0
  const counted = <Rows>(rows: Rows): Rows => {
    work += 1 + (Array.isArray(rows) ? rows.length : 1)
    return rows
  }
  const files: typeof systemPorts.files = {
    ...systemPorts.files,
    beneathEngine: (_, connection) =>
      new Proxy(connection, {
        get(under, name) {
          if (name === 'prepare') return (sql: string) => counting(under.prepare(sql), counted)
          const value = Reflect.get(under, name)
          return typeof value === 'function' ? value.bind(under) : value
        },
      }),
  }
  const registry = registryOver(await openEmbedded(hiding, { ...systemPorts, files }, ':memory:'), { domain: hiding })
  const workOf = async (request: Request) => {
    work = 0
    await request()
    return work
  }
  return { registry, workOf }
}

async function onPostgres() {
  const made = await openOnPostgres(hiding, systemPorts)
  await made.close()
  const watched = await watching(made.database)
  const registry = registryOver(await postgresEngine(made.database, hiding, systemPorts), { domain: hiding })
  const workOf = async (request: Request) => rowsReadBy(await watched.plansOf(async () => void (await request())))
  return { registry, workOf }
}
