// FindDocumentsExclude: as FindDocuments, without the entries that have certain values. CP-ITI-1323; where from: docs/decisions/0131.
import { documentEntryCriteria, referenceIdList } from './document-entry-parameters.js'
import { andOr, many } from './parameters.js'
import { storedQuery } from './stored-query.js'
import { code, documentEntryType, text } from './value-types.js'

const excluded = {
  withoutClassCode: many('$XDSDocumentEntryClassCodeExclude', code),
  withoutTypeCode: many('$XDSDocumentEntryTypeCodeExclude', code),
  withoutPracticeSettingCode: many('$XDSDocumentEntryPracticeSettingCodeExclude', code),
  withoutHealthcareFacilityTypeCode: many('$XDSDocumentEntryHealthcareFacilityTypeCodeExclude', code),
  withoutEventCodeList: andOr('$XDSDocumentEntryEventCodeListExclude', code),
  withoutConfidentialityCode: andOr('$XDSDocumentEntryConfidentialityCodeExclude', code),
  withoutAuthorPerson: many('$XDSDocumentEntryAuthorPersonExclude', text),
  withoutFormatCode: many('$XDSDocumentEntryFormatCodeExclude', code),
  withoutType: many('$XDSDocumentEntryTypeExclude', documentEntryType),
  withoutReferenceIdList: andOr('$XDSDocumentEntryReferenceIdListExclude', text),
}

/** A parameter and its twin that excludes do not go together. [CP-ITI-1323] */
export const findDocumentsExclude = storedQuery({
  name: 'FindDocumentsExclude',
  id: 'urn:uuid:4308b1df-36de-4bef-8e2e-ba91f593c435',
  clause: 'CP-ITI-1323',
  parameters: { ...documentEntryCriteria, referenceIdList, ...excluded },
  atMostOneOf: [
    ['classCode', 'withoutClassCode'],
    ['typeCode', 'withoutTypeCode'],
    ['practiceSettingCode', 'withoutPracticeSettingCode'],
    ['healthcareFacilityTypeCode', 'withoutHealthcareFacilityTypeCode'],
    ['eventCodeList', 'withoutEventCodeList'],
    ['confidentialityCode', 'withoutConfidentialityCode'],
    ['authorPerson', 'withoutAuthorPerson'],
    ['formatCode', 'withoutFormatCode'],
    ['type', 'withoutType'],
    ['referenceIdList', 'withoutReferenceIdList'],
  ],
  select({ patientId, ...given }, registry) {
    const without = {
      classCode: given.withoutClassCode,
      typeCode: given.withoutTypeCode,
      practiceSettingCode: given.withoutPracticeSettingCode,
      healthcareFacilityTypeCode: given.withoutHealthcareFacilityTypeCode,
      eventCodeList: given.withoutEventCodeList,
      confidentialityCode: given.withoutConfidentialityCode,
      authorPerson: given.withoutAuthorPerson,
      formatCode: given.withoutFormatCode,
      type: given.withoutType,
      referenceIdList: given.withoutReferenceIdList,
    }
    // Whoever leaves a type out has said what is wanted: all others.
    const type = given.withoutType === undefined ? given.type : undefined
    return registry.documentEntries({ patientId }, { ...given, type, without })
  },
})
