// What the registry knows leaves an embedded database and comes into a new one, as it would by way of PostgreSQL: nothing is lost on it.
import { expect } from 'chai'
import { outboxMigrations } from '../../../atna-audit/outbox.js'
import { postgresOutboxMigrations } from '../../../atna-audit/postgres-outbox.js'
import { systemPorts } from '../../../ports/ports.js'
import { registryCrossings, registryStays } from '../../../registry/crossing/crossing.js'
import { registryMigrations } from '../../../registry/migrations.js'
import { registryMigrations as postgresMigrations } from '../../../registry/postgres/migrations.js'
import { openRegistryStore } from '../../../registry/sqlite-store.js'
import { openStore } from '../../../store/open-store.js'
import { tablesMadeBy } from '../../../store/postgres/tables-out.js'
import { aCode, aDocumentEntry, aFolder, anAssociation, aSubmission } from '../../samples/submission.js'
import { arriving, tablesIn, tablesOf, travelling } from '../../store/crossing/played-server.js'
import { ihe, registryOver } from '../a-registry.js'
import { openEmbedded } from '../engines.js'
import { aFolderHolding, replacing } from '../submissions.js'
import { anUpdate } from '../updates.js'

const other = 'P-2^^^&2.999.1.2.3&ISO'

/** Not one of any sort may be forgotten: versions, replacements, Folders, merges, holds, removals, entries of other patients. */
async function aLivelyRegistry() {
  const engine = await openEmbedded(ihe, systemPorts, ':memory:')
  const registry = registryOver(engine)
  await registry.addPatient('P-1^^^&2.999.1.2.3&ISO', other)
  const first = aSubmission({
    documentEntry: {
      title: [{ value: 'Befund "Ö" <&>' }],
      eventCodeList: [aCode('T-1', 'one'), aCode('T-2', 'two')],
      referenceIdList: ['R-1^^^^urn:ihe:iti:xds:2013:order', 'R-2^^^^urn:ihe:iti:xds:2013:order'],
    },
  })
  const folder = aFolder({ codeList: [aCode('F-1', 'folder')] })
  const entry = first.documentEntries[0]?.entryUUID ?? ''
  const elsewhere = aSubmission({ patientId: other })
  const removed = aSubmission({ documentEntry: aDocumentEntry({ patientId: other }), patientId: other })
  for (const submission of [
    first,
    aFolderHolding(folder, anAssociation({ sourceObject: folder.entryUUID, targetObject: entry })),
    replacing(entry),
    elsewhere,
    removed,
  ]) {
    const { status, errors } = await registry.register(submission)
    expect(status, JSON.stringify(errors)).to.equal('Success')
  }
  const gone = [...removed.submissionSets, ...removed.documentEntries, ...removed.associations]
  expect((await registry.remove(...gone.map(({ entryUUID }) => entryUUID))).status).to.equal('Success')
  await registry.merge(other, 'P-1^^^&2.999.1.2.3&ISO')
  // What the merge has made one patient's stays where it lies.
  const joining = aFolder()
  const holding = anAssociation({
    sourceObject: joining.entryUUID,
    targetObject: elsewhere.documentEntries[0]?.entryUUID ?? '',
  })
  expect((await registry.register(aFolderHolding(joining, holding))).status).to.equal('Success')
  const updated = await registry.update(anUpdate(folder, { title: [{ value: 'again' }] }))
  expect(updated.status, JSON.stringify(updated.errors)).to.equal('Success')
  await engine.store.holds.put(
    { id: 'case-1', kind: 'patient', values: ['P-1^^^&2.999.1.2.3&ISO'], reason: 'court', by: 'admin', sinceMs: 1 },
    () => {},
  )
  return registry
}

describe('The registry between two engines', () => {
  const database = () =>
    openStore(
      { path: ':memory:', migrations: [...outboxMigrations, ...registryMigrations] },
      systemPorts.clock,
      systemPorts.files,
    )

  it('comes back as it was: objects, codes, routes, merges, holds and what was removed', async () => {
    const registry = await aLivelyRegistry()
    const source = registry.engine.embedded
    if (source === undefined) throw new Error('an embedded registry')
    // The audit of a test stands in a table of its own.
    const crossings = registryCrossings.filter(({ table }) => table !== 'audit_outbox')
    const sent = travelling(crossings, source)
    const empty = Object.entries(sent).filter(([, rows]) => rows.length === 0)
    expect(empty.map(([table]) => table)).to.deep.equal(['national_ids'])
    const target = await database()
    await target.write(() => arriving(crossings, sent, target))
    const again = travelling(crossings, target)
    expect(again).to.deep.equal(sent)
    const moved = registryOver({
      ...registry.engine,
      store: openRegistryStore(target, ihe, systemPorts.clock),
    })
    const all = { $XDSDocumentEntryPatientId: "'P-1^^^&2.999.1.2.3&ISO'" }
    const status = { $XDSDocumentEntryStatus: "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')" }
    const asked = { ...all, ...status }
    const answer = (await registry.query('FindDocuments', asked)).registryObjects.map(String)
    expect((await moved.query('FindDocuments', asked)).registryObjects.map(String)).to.deep.equal(answer)
    await target.close()
    await registry.close()
  })

  it('has a way for every table and column of the embedded schema, and for every table on PostgreSQL', async () => {
    const store = await database()
    const { carnet_migrations, carnet_migrations_lock, ...tables } = tablesIn(store)
    expect(carnet_migrations).to.be.an('array')
    expect(tables).to.deep.equal(tablesOf(registryCrossings))
    await store.close()
    const onServer = tablesMadeBy([...postgresOutboxMigrations, ...postgresMigrations])
    const whole = onServer.filter(name => !/_\d+$/.test(name)).sort()
    const known = [...registryCrossings.map(({ table }) => table), ...Object.keys(registryStays)]
    expect(whole).to.deep.equal(known.filter(name => name !== 'carnet_migrations').sort())
  })
})
