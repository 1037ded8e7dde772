// Patients and stored queries in the Swiss EPR: two ids for each patient, one level of metadata, no Folders. EPRO-FDHA annex 5.1.
import { acknowledgementOf } from '../bench.js'
import type { Case } from '../case.js'
import { swiss } from '../domain.js'
import { finds, holds, refused, succeeded } from '../judge.js'
import { approved, listValue, type QueryName, type QueryParameters, textValue } from '../stored-queries.js'
import { queryFixture } from './query-fixture.js'
import { swissCase } from './swiss-metadata.js'

const patient = textValue('P-1^^^&2.999.1&ISO')
const someFolder = 'urn:uuid:00000000-0000-4000-8000-000000000404'

const folderQueries: readonly [QueryName, QueryParameters][] = [
  ['FindFolders', { $XDSFolderPatientId: patient, $XDSFolderStatus: approved }],
  ['GetFolders', { $XDSFolderEntryUUID: listValue(someFolder) }],
  ['GetFolderAndContents', { $XDSFolderEntryUUID: textValue(someFolder) }],
  ['GetFoldersForDocument', { $XDSDocumentEntryEntryUUID: textValue(someFolder) }],
]

export const swissQueryCases: readonly Case[] = [
  ...folderQueries.map(([query, parameters]) =>
    swissCase(`folder/${query}`, `${query} succeeds and finds nothing`, 'Gazelle CH-XDS-003', async bench => {
      const answer = await bench.query(query, parameters)
      const objects = answer.body?.children.find(({ name }) => name === 'RegistryObjectList')?.children ?? []
      return [...succeeded(answer), ...holds(objects.length === 0, 'an empty list', `${objects.length} objects`)]
    }),
  ),
  swissCase('level/1', '$MetadataLevel 1 is taken', 'Gazelle CH-XDS-001', async bench => {
    const { patientId, entry } = await queryFixture(bench)
    const asked = { $XDSDocumentEntryPatientId: textValue(patientId), $XDSDocumentEntryStatus: approved }
    return finds(await bench.query('FindDocuments', { ...asked, $MetadataLevel: '1' }), [entry.entryUUID])
  }),
  ...['2', '3', '0'].map(level =>
    swissCase(`level/${level}`, `$MetadataLevel ${level} is refused`, 'Gazelle CH-XDS-002', async bench => {
      const { entry } = await queryFixture(bench)
      const asked = { $XDSDocumentEntryEntryUUID: listValue(entry.entryUUID), $MetadataLevel: level }
      const answer = await bench.query('GetDocuments', asked)
      return refused(answer, 'XDSRegistryError', 'XDSRegistryMetadataError', 'XDSStoredQueryParamNumber')
    }),
  ),
  swissCase('reference-id/study', 'images are found by their StudyInstanceUID', 'Gazelle CH-XDS-004', async bench => {
    const patientId = await bench.patient(1)
    const study = `${bench.samples.oid()}^^^^urn:ihe:iti:xds:2016:studyInstanceUID`
    const entry = bench.samples.entry(patientId, { referenceIdList: [study] })
    await bench.given(bench.samples.of(patientId, { entries: [entry] }))
    const answer = await bench.query('FindDocumentsByReferenceId', {
      $XDSDocumentEntryPatientId: textValue(patientId),
      $XDSDocumentEntryStatus: approved,
      $XDSDocumentEntryReferenceIdList: listValue(study),
    })
    return finds(answer, [entry.entryUUID])
  }),
  swissCase('home', 'every object of an answer names its community', 'EPR annex 5.1:1.12', async bench => {
    const { patientId } = await queryFixture(bench)
    const asked = { $XDSDocumentEntryPatientId: textValue(patientId), $XDSDocumentEntryStatus: approved }
    const answer = await bench.query('FindDocuments', asked)
    const objects = answer.body?.children.find(({ name }) => name === 'RegistryObjectList')?.children ?? []
    const without = objects.filter(({ attributes }) => !attributes.some(({ name }) => name === 'home'))
    return [...succeeded(answer), ...holds(without.length === 0, 'home on each object', `${without.length} without`)]
  }),
  swissCase(
    'patient/EPR-SPID',
    'a document under the EPR-SPID itself is refused',
    'EPR annex 5.1:1.7.1',
    async bench => {
      const spid = bench.idsOf(await bench.patient(1)).find(id => id.includes(swiss.nationalAuthority))
      const patientId = spid ?? `761337610000000002^^^&${swiss.nationalAuthority}&ISO`
      const sample = bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] })
      return refused(await bench.provide(sample), 'XDSUnknownPatientId', 'XDSRegistryMetadataError')
    },
  ),
  swissCase('patient/EPR-SPID-query', 'nothing is found by the EPR-SPID', 'EPR annex 5.1:1.7.1', async bench => {
    const { patientId, entry } = await queryFixture(bench)
    const spid = bench.idsOf(patientId).find(id => id.includes(swiss.nationalAuthority)) ?? patientId
    const asked = { $XDSDocumentEntryPatientId: textValue(spid), $XDSDocumentEntryStatus: approved }
    const answer = await bench.query('FindDocuments', asked)
    if (answer.status === 'Failure') return refused(answer, 'XDSUnknownPatientId')
    return spid === patientId ? [] : finds(answer, [], [entry.entryUUID])
  }),
  ...(['without EPR-SPID', 'by EPR-SPID alone'] as const).map(how =>
    swissCase(
      `patient/feed/${how.replaceAll(' ', '-')}`,
      `a patient announced ${how} is refused`,
      'EPR annex 5.1:1.7.1',
      async bench => {
        const ids = bench.idsOf(await bench.newPatient())
        const isNational = (id: string) => id.includes(swiss.nationalAuthority)
        const patientIds = ids.filter(id => isNational(id) === (how === 'by EPR-SPID alone'))
        const code = acknowledgementOf(await bench.feed({ patientIds }))
        return holds(/^[CA][ER]$/.test(code), 'acknowledgement CE', code)
      },
    ),
  ),
]
