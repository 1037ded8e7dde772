// Queries for several patients at once. ITI TF-2 §3.51.
import type { Case } from '../case.js'
import { finds, refused } from '../judge.js'
import { codes } from '../sample.js'
import { approved, codeValue, listValue } from '../stored-queries.js'
import { queryFixture } from './query-fixture.js'

const clause = 'ITI TF-2:3.51.4.1.2.1'
const option = 'Multi-Patient Queries'

export const multiPatientCases: readonly Case[] = [
  {
    ...{ id: 'multi-patient/documents', title: 'documents of two patients are found together', clause, option },
    async try(bench) {
      const { patientId, otherPatientId, entry } = await queryFixture(bench)
      const other = bench.samples.entry(otherPatientId)
      await bench.given(bench.samples.of(otherPatientId, { entries: [other] }))
      const answer = await bench.queryForMany('FindDocumentsForMultiplePatients', {
        $XDSDocumentEntryPatientId: listValue(patientId, otherPatientId),
        $XDSDocumentEntryStatus: approved,
        $XDSDocumentEntryClassCode: codeValue(codes.classCode),
      })
      return finds(answer, [entry.entryUUID, other.entryUUID])
    },
  },
  {
    ...{ id: 'multi-patient/no-codes', title: 'documents by neither class, event nor facility', clause, option },
    async try(bench) {
      const asked = { $XDSDocumentEntryStatus: approved }
      return refused(await bench.queryForMany('FindDocumentsForMultiplePatients', asked), 'XDSStoredQueryMissingParam')
    },
  },
  {
    ...{ id: 'multi-patient/no-status', title: 'documents of whatever status', clause, option },
    async try(bench) {
      const asked = { $XDSDocumentEntryClassCode: codeValue(codes.classCode) }
      return refused(await bench.queryForMany('FindDocumentsForMultiplePatients', asked), 'XDSStoredQueryMissingParam')
    },
  },
  {
    ...{ id: 'multi-patient/folders', title: 'Folders of several patients are found together', clause, option },
    needs: ['Folders'],
    async try(bench) {
      const { patientId, otherPatientId, folder } = await queryFixture(bench)
      const answer = await bench.queryForMany('FindFoldersForMultiplePatients', {
        $XDSFolderPatientId: listValue(patientId, otherPatientId),
        $XDSFolderStatus: approved,
        $XDSFolderCodeList: codeValue(codes.folder),
      })
      return finds(answer, [folder.entryUUID])
    },
  },
]
