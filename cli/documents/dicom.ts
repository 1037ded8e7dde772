// What the header of a DICOM instance tells for its DocumentEntry. [DICOM PS3.3, PS3.10; IHE RAD TF-3: 4.68.4.1.2.3]
import { type DataSet, dataSetIn } from '../../dicom/data-set.js'
import { type Text, textsOf } from '../../dicom/texts.js'
import { cxOf, escapeHl7 } from '../../metadata/hl7.js'
import type { Code } from '../../metadata/model.js'
import { type DocumentHeader, defined, sourcePatientInfo } from './document-header.js'
import { codeOf, isOid, nameComponents, type PersonName, utcDtm, xcn, xon } from './hl7.js'

/** `head` may end anywhere in the pixel data. @throws DicomProblem when the header cannot be read */
export function readDicomHeader(head: Buffer): DocumentHeader {
  return headerOf(dataSetIn(head))
}

const dcm = '1.2.840.10008.2.16.4'
const snomed = '2.16.840.1.113883.6.96'
const loinc = '2.16.840.1.113883.6.1'

/** OIDs of the coding schemes that images are coded by. [DICOM PS3.16: Table 8-1] */
const schemes: Readonly<Record<string, string>> = { DCM: dcm, SCT: snomed, SRT: snomed, SNM3: snomed, LN: loinc }

/** [IHE RAD TF-3: 4.68.4.1.2.3.2] */
const sopClasses = '1.2.840.10008.2.6.1'
const radiology = codeOf('394914008', 'Radiology', snomed)

function headerOf(set: DataSet): DocumentHeader {
  const text = textsOf(set)
  const uniqueId = text('x00080018')
  const sopClass = text('x00080016')
  const procedure = set.elements.x00081032?.items?.map(item => codeIn(item.dataSet)).find(code => isIn(code, loinc))
  const modality = text('x00080060')
  const region = set.elements.x00082218?.items?.map(item => codeIn(item.dataSet)) ?? []
  const institution = text('x00080080')
  return defined<DocumentHeader>({
    uniqueId: uniqueId !== undefined && isOid(uniqueId) ? uniqueId : undefined,
    title: text('x00081030') ?? text('x0008103e'),
    code: procedure,
    formatCode: sopClass === undefined ? undefined : codeOf(sopClass, nameOfSopClass(sopClass), sopClasses),
    practiceSettingCode: radiology,
    eventCodeList: [...(modality === undefined ? [] : [codeOf(modality, modality, dcm)]), ...region.filter(isCode)],
    referenceIdList: referenceIds(set, text),
    creationTime: timeIn(set, 'x00080023', 'x00080033') ?? timeIn(set, 'x00080021', 'x00080031'),
    serviceStartTime: timeIn(set, 'x00080020', 'x00080030'),
    authorPerson: personIn(text('x00081050')),
    authorInstitution: institution === undefined ? undefined : xon(institution, undefined),
    ...patientIn(set, text),
  })
}

/** A date and a time in two elements, in UTC where the instance tells its zone. [DICOM PS3.3: C.12.1.1.8] */
function timeIn(set: DataSet, dateTag: string, timeTag: string): string | undefined {
  const date = set.string(dateTag)?.trim()
  if (date === undefined || !/^\d{8}$/.test(date)) return undefined
  const time = /^\d{4}(?:\d\d)?/.exec(set.string(timeTag)?.trim() ?? '')?.[0] ?? ''
  const zone = /^[+-]\d{4}$/.exec(set.string('x00080201')?.trim() ?? '')?.[0] ?? ''
  return utcDtm(`${date}${time}${time === '' ? '' : zone}`)
}

function patientIn(set: DataSet, text: Text): Pick<DocumentHeader, 'sourcePatientId' | 'sourcePatientInfo'> {
  const id = text('x00100020')
  const authority = authorityIn(set, 'x00100024', text) ?? oidOf(text('x00100021'))
  const sourcePatientId = id === undefined || authority === undefined ? undefined : cxOf(authority, id)
  const name = nameIn(text('x00100010'))
  return {
    ...(sourcePatientId === undefined ? {} : { sourcePatientId }),
    ...defined<{ sourcePatientInfo?: string[] }>({
      sourcePatientInfo: sourcePatientInfo([
        ['PID-3', sourcePatientId],
        ['PID-5', name && nameComponents(name)],
        ['PID-7', /^\d{8}$/.exec(text('x00100030') ?? '')?.[0]],
        ['PID-8', sexes[text('x00100040') ?? '']],
      ]),
    }),
  }
}

const sexes: Readonly<Record<string, string>> = { M: 'M', F: 'F', O: 'O' }

/** Accession number and study, by which images and reports find one another. [ITI TF-3:4.2.3.2.28] */
function referenceIds(set: DataSet, text: Text): string[] {
  const accession = text('x00080050')
  const issuer = authorityIn(set, 'x00080051', text)
  const study = oidOf(text('x0020000d'))
  return [
    ...(accession === undefined || issuer === undefined
      ? []
      : [`${escapeHl7(accession)}^^^&${issuer}&ISO^urn:ihe:iti:xds:2013:accession`]),
    ...(study === undefined ? [] : [`${study}^^^^urn:ihe:iti:xds:2016:studyInstanceUID`]),
  ]
}

/** Universal Entity ID in the first item of a sequence, when it is an OID. */
function authorityIn(set: DataSet, sequence: string, text: Text): string | undefined {
  const issuer = set.elements[sequence]?.items?.[0]?.dataSet
  return issuer === undefined ? undefined : (oidOf(text('x00400032', issuer)) ?? oidOf(text('x00400031', issuer)))
}

function oidOf(text: string | undefined): string | undefined {
  return text !== undefined && isOid(text) ? text : undefined
}

function codeIn(set: DataSet | undefined): Code | undefined {
  const code = set?.string('x00080100')?.trim()
  const scheme = schemes[set?.string('x00080102')?.trim() ?? '']
  return code && scheme ? codeOf(code, set?.string('x00080104')?.trim() || code, scheme) : undefined
}

const isCode = (code: Code | undefined): code is Code => code !== undefined
const isIn = (code: Code | undefined, scheme: string) => code?.codingScheme === scheme

/** PN: family^given^middle^prefix^suffix, of which the alphabetic group counts. [DICOM PS3.5: 6.2.1.1] */
function nameIn(personName: string | undefined): PersonName | undefined {
  const [alphabetic = ''] = (personName ?? '').split('=')
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = alphabetic
    .split('^')
    .map(part => part.trim())
  return family === '' && given === '' ? undefined : { family, given, middle, suffix, prefix }
}

function personIn(personName: string | undefined): string | undefined {
  const name = nameIn(personName)
  return name && xcn(name, undefined)
}

/** The classes that are shared most; another one is called by its UID. [DICOM PS3.6: A] */
const namesOfSopClasses: Readonly<Record<string, string>> = {
  '1.2.840.10008.5.1.4.1.1.1': 'Computed Radiography Image Storage',
  '1.2.840.10008.5.1.4.1.1.1.1': 'Digital X-Ray Image Storage',
  '1.2.840.10008.5.1.4.1.1.2': 'CT Image Storage',
  '1.2.840.10008.5.1.4.1.1.4': 'MR Image Storage',
  '1.2.840.10008.5.1.4.1.1.6.1': 'Ultrasound Image Storage',
  '1.2.840.10008.5.1.4.1.1.7': 'Secondary Capture Image Storage',
  '1.2.840.10008.5.1.4.1.1.88.59': 'Key Object Selection Document',
}

function nameOfSopClass(uid: string): string {
  return namesOfSopClasses[uid] ?? uid
}
