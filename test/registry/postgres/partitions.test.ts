// What the looks of a registry touch, read from the plans of PostgreSQL: a query for one patient touches one partition of each
// table that is distributed by patient, and ids are led to their place by lookups.
import { expect } from 'chai'
import { systemPorts } from '../../../ports/ports.js'
import { lookupTables, tablesByPatient } from '../../../registry/postgres/migrations.js'
import { multiPatientQueries } from '../../../registry/queries/multi-patient-queries.js'
import { storedQueries } from '../../../registry/queries/stored-queries.js'
import { aDocumentEntry, aFolder, aSubmission, samplePatientId } from '../../samples/submission.js'
import { needsPostgres } from '../../store/postgres/a-cluster.js'
import { approved, ihe, type QueryParameters, quote, registryOver, type TestRegistry } from '../a-registry.js'
import { openOnPostgres, postgresEngine } from '../engines.js'
import { replacing } from '../submissions.js'
import { nodesIn, type PlanNode, type Watched, watching } from './watched-plans.js'

const list = (...texts: string[]) => `(${texts.map(quote).join(',')})`

describe('plans on PostgreSQL', function () {
  this.timeout(120_000)
  let registry: TestRegistry
  let watched: Watched
  let ids: { entry: string; uniqueId: string; folder: string; set: string }

  before(async function () {
    needsPostgres(this)
    const made = await openOnPostgres(ihe, systemPorts)
    await made.close()
    watched = await watching(made.database)
    registry = registryOver(await postgresEngine(made.database, ihe, systemPorts))
    for (let patient = 0; patient < 40; patient++) {
      await registry.addPatient(patientId(patient))
      await registry.register(aFullSubmission(patientId(patient)))
    }
    const mine = aFullSubmission(samplePatientId)
    await registry.addPatient(samplePatientId)
    expect((await registry.register(mine)).errors).to.deep.equal([])
    ids = {
      entry: mine.documentEntries[0]?.entryUUID ?? '',
      uniqueId: mine.documentEntries[0]?.uniqueId ?? '',
      folder: mine.folders[0]?.entryUUID ?? '',
      set: mine.submissionSets[0]?.entryUUID ?? '',
    }
    const appended = replacing(ids.entry, 'APND')
    expect((await registry.register(appended)).errors).to.deep.equal([])
    await registry.sql('ANALYZE')
  })
  after(async () => {
    await registry?.close()
  })

  const patient = quote(samplePatientId)
  const byEntry = () => ({ $XDSDocumentEntryEntryUUID: list(ids.entry) })
  const byUniqueId = () => ({ $XDSDocumentEntryUniqueId: list(ids.uniqueId) })
  /** Parameters for each stored query, and the lookup that leads. */
  const asked: Record<string, [parameters: () => QueryParameters, lookup?: (typeof lookupTables)[number]]> = {
    FindDocuments: [() => ({ $XDSDocumentEntryPatientId: patient, $XDSDocumentEntryStatus: approved })],
    FindDocumentsByReferenceId: [
      () => ({
        $XDSDocumentEntryPatientId: patient,
        $XDSDocumentEntryStatus: approved,
        $XDSDocumentEntryReferenceIdList: list('r1^^^&2.999.4&ISO^urn:x'),
      }),
    ],
    FindDocumentsExclude: [
      () => ({
        $XDSDocumentEntryPatientId: patient,
        $XDSDocumentEntryStatus: approved,
        $XDSDocumentEntryClassCodeExclude: list('x^^2.999'),
      }),
    ],
    FindSubmissionSets: [() => ({ $XDSSubmissionSetPatientId: patient, $XDSSubmissionSetStatus: approved })],
    FindFolders: [() => ({ $XDSFolderPatientId: patient, $XDSFolderStatus: approved })],
    GetAll: [
      () => ({
        $patientId: patient,
        $XDSDocumentEntryStatus: approved,
        $XDSSubmissionSetStatus: approved,
        $XDSFolderStatus: approved,
      }),
    ],
    GetDocuments: [byUniqueId, 'unique_ids'],
    GetFolders: [() => ({ $XDSFolderEntryUUID: list(ids.folder) }), 'entry_uuids'],
    GetAssociations: [() => ({ $uuid: list(ids.entry) }), 'entry_uuids'],
    GetDocumentsAndAssociations: [byEntry, 'entry_uuids'],
    GetSubmissionSets: [() => ({ $uuid: list(ids.entry) }), 'entry_uuids'],
    GetSubmissionSetAndContents: [() => ({ $XDSSubmissionSetEntryUUID: quote(ids.set) }), 'entry_uuids'],
    GetFolderAndContents: [() => ({ $XDSFolderEntryUUID: quote(ids.folder) }), 'entry_uuids'],
    GetFoldersForDocument: [() => ({ $XDSDocumentEntryUniqueId: quote(ids.uniqueId) }), 'unique_ids'],
    GetRelatedDocuments: [
      () => ({
        $XDSDocumentEntryEntryUUID: quote(ids.entry),
        $AssociationTypes: list('urn:ihe:iti:2007:AssociationType:APND'),
      }),
      'entry_uuids',
    ],
  }

  it('are looked at for every stored query', () => {
    const names = [...storedQueries.values()].map(({ name }) => name)
    const ofMany = new Set([...multiPatientQueries.values()].map(({ name }) => name))
    expect(names.filter(name => !(name in asked) && !ofMany.has(name))).to.deep.equal([])
  })

  for (const [name, [parameters, lookup]] of Object.entries(asked)) {
    it(`of ${name} touch one partition of each table [ITI TF-2:3.18.4.1.2.3.7]`, async () => {
      const plans = await watched.plansOf(async () => {
        expect((await registry.query(name, parameters())).errors).to.deep.equal([])
      })
      const touched = plans.flatMap(partitionsIn)
      expect(touched).to.have.length.greaterThan(0)
      for (const table of tablesByPatient) {
        const parts = new Set(touched.filter(part => part.replace(/_\d+$/, '') === table))
        expect(parts.size, [...parts].join()).to.be.at.most(1)
      }
      expect(new Set(touched.map(part => part.replace(/^.*_/, ''))).size, touched.join()).to.equal(1)
      const looked = lookupTables.filter(table => plans.some(plan => scannedIn(plan).includes(table)))
      expect(looked).to.deep.equal(lookup === undefined ? [] : [lookup])
    })
  }

  it('of a logicalID go by the lookups for it', async () => {
    const plans = await watched.plansOf(async () => {
      const found = await registry.found('GetDocuments', {
        $XDSDocumentEntryLogicalID: list(ids.entry),
        $MetadataLevel: '2',
      })
      expect(found.documentEntries).to.have.length(1)
    })
    expect(new Set(plans.flatMap(partitionsIn)).size).to.equal(1)
    const looked = lookupTables.filter(table => plans.some(plan => scannedIn(plan).includes(table)))
    expect(looked).to.deep.equal(['entry_uuids', 'logical_ids'])
  })

  it('of a submission and of a replacement touch the partition of its patient alone [ITI TF-2:3.42.4.1.3]', async () => {
    const plans = await watched.plansOf(async () => {
      expect((await registry.register(aFullSubmission(samplePatientId))).errors).to.deep.equal([])
      expect((await registry.register(replacing(ids.entry, 'RPLC'))).errors).to.deep.equal([])
    })
    const parts = new Set(plans.flatMap(partitionsIn).map(part => part.replace(/^.*_/, '')))
    expect([...parts]).to.have.length(1)
  })

  it('scan no table from one end to the other', async () => {
    const plans = await watched.plansOf(async () => {
      for (const [name, [parameters]] of Object.entries(asked)) await registry.query(name, parameters())
      await registry.register(aFullSubmission(samplePatientId))
    })
    const whole = plans.flatMap(nodesIn).filter(node => node['Node Type'] === 'Seq Scan' && node['Actual Loops'] > 0)
    const tables = whole.map(node => node['Relation Name']).filter(name => !ofTheWatch.has(name))
    expect(tables).to.deep.equal([])
  })
})

// The few steps of the migrations and the names of the tables: what the watch of the database looks at, whenever its time comes.
const ofTheWatch = new Set<unknown>(['carnet_migrations', 'pg_class'])

const patientId = (number: number) => `M-${number}^^^&2.999.1.2.3&ISO`

function aFullSubmission(id: string) {
  return aSubmission({
    patientId: id,
    folders: [aFolder({ patientId: id })],
    documentEntries: [aDocumentEntry({ patientId: id })],
  })
}

/** Relations that were really looked at or written. */
function scannedIn(plan: PlanNode): string[] {
  return nodesIn(plan).flatMap(node => (node['Actual Loops'] > 0 ? (node['Relation Name'] ?? []) : []))
}

function partitionsIn(plan: PlanNode): string[] {
  return scannedIn(plan).filter(name => /_\d+$/.test(name))
}
