// The contracts: what both ends rely on.
import { expect } from 'chai'
import type { RegistryError } from '../../metadata/model.js'
import {
  patientDuplicatesResolved,
  patientRecordAdded,
  patientRecordRevised,
} from '../../transactions/hl7v3/patient-feed.js'
import { restrictedUpdateDocumentSet, updateDocumentSet } from '../../transactions/metadata-update.js'
import { removeDocuments, removeMetadata } from '../../transactions/remove.js'
import {
  provideAndRegisterDocumentSet,
  registerDocumentSet,
  registerOnDemandDocumentEntry,
  registryStoredQuery,
  retrieveDocumentSet,
} from '../../transactions/xds.js'
import { decodeText, xopXml } from '../samples/encoded.js'

const contracts = [
  ...[provideAndRegisterDocumentSet, registerDocumentSet, registryStoredQuery, retrieveDocumentSet],
  registerOnDemandDocumentEntry,
  ...[patientRecordAdded, patientRecordRevised, patientDuplicatesResolved],
  ...[updateDocumentSet, restrictedUpdateDocumentSet],
  ...[removeMetadata, removeDocuments],
] as const

describe('the contracts', () => {
  it('have the actions of their transactions, and MTOM where documents travel [ITI TF-2: Appendix V.3]', () => {
    expect(contracts.map(({ id, action, responseAction, mtom }) => [id, action, responseAction, mtom])).to.deep.equal([
      [
        'ITI-41',
        'urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b',
        'urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse',
        true,
      ],
      ['ITI-42', 'urn:ihe:iti:2007:RegisterDocumentSet-b', 'urn:ihe:iti:2007:RegisterDocumentSet-bResponse', false],
      ['ITI-18', 'urn:ihe:iti:2007:RegistryStoredQuery', 'urn:ihe:iti:2007:RegistryStoredQueryResponse', false],
      ['ITI-43', 'urn:ihe:iti:2007:RetrieveDocumentSet', 'urn:ihe:iti:2007:RetrieveDocumentSetResponse', true],
      [
        'ITI-61',
        'urn:ihe:iti:2010:RegisterOnDemandDocumentEntry',
        'urn:ihe:iti:2010:RegisterOnDemandDocumentResponse',
        false,
      ],
      ['ITI-44', 'urn:hl7-org:v3:PRPA_IN201301UV02', 'urn:hl7-org:v3:MCCI_IN000002UV01', false],
      ['ITI-44', 'urn:hl7-org:v3:PRPA_IN201302UV02', 'urn:hl7-org:v3:MCCI_IN000002UV01', false],
      ['ITI-44', 'urn:hl7-org:v3:PRPA_IN201304UV02', 'urn:hl7-org:v3:MCCI_IN000002UV01', false],
      ['ITI-57', 'urn:ihe:iti:2010:UpdateDocumentSet', 'urn:ihe:iti:2010:UpdateDocumentSetResponse', false],
      [
        'ITI-92',
        'urn:ihe:iti:2018:RestrictedUpdateDocumentSet',
        'urn:ihe:iti:2018:RestrictedUpdateDocumentSetResponse',
        false,
      ],
      ['ITI-62', 'urn:ihe:iti:2010:DeleteDocumentSet', 'urn:ihe:iti:2010:DeleteDocumentSetResponse', false],
      ['ITI-86', 'urn:ihe:iti:2017:RemoveDocuments', 'urn:ihe:iti:2017:RemoveDocumentsResponse', false],
    ])
  })

  it('say no in their own form, with every error [ITI TF-3:4.2.4]', () => {
    const errors: RegistryError[] = [{ errorCode: 'XDSRegistryBusy', codeContext: 'later', severity: 'Error' }]
    for (const contract of [provideAndRegisterDocumentSet, registerDocumentSet, registerOnDemandDocumentEntry]) {
      const { response } = contract
      expect(decodeText(response, xopXml(response.encode(contract.refused(errors, undefined))))).to.deep.equal({
        status: 'Failure',
        errors,
      })
    }
    const queried = registryStoredQuery.response.encode(registryStoredQuery.refused(errors, undefined))
    expect(decodeText(registryStoredQuery.response, xopXml(queried))).to.deep.include({ status: 'Failure', errors })
    const retrieved = retrieveDocumentSet.response.encode(retrieveDocumentSet.refused(errors, undefined))
    expect(decodeText(retrieveDocumentSet.response, xopXml(retrieved))).to.deep.equal({
      status: 'Failure',
      errors,
      documents: [],
    })
  })
})
