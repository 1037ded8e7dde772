// What a community answers is held against what it was asked: its own objects, of the patient that was asked for, and nothing else
// is handed on. ITI TF-2 §3.38.4.1.3.
import { instanceIdentifierOf } from '../../metadata/hl7.js'
import { queryPatients } from '../../transactions/audited-query.js'
import type { ForeignObject, ForeignQueryResponse } from '../../transactions/communities/foreign-objects-codec.js'
import type { DemographicsAnswer } from '../../transactions/hl7v3/demographics-answer-codec.js'
import type { Wanted } from '../../transactions/hl7v3/demographics-query-codec.js'
import { idFormProblems } from '../../transactions/patient-id-form.js'
import type { AdhocQueryRequest, DocumentRequest, RegistryResponse } from '../../transactions/xds-messages.js'
import { documentKey } from '../documents/asked.js'

/** A community has answered what is none to the question; the message says what. */
export class FalseAnswer extends Error {
  override readonly name = 'FalseAnswer'
}

/** Why an answer is none to this question; undefined when it is one. */
export function falsehoodIn(
  { status, errors, objects }: ForeignQueryResponse,
  asked: AdhocQueryRequest,
): string | undefined {
  const { home } = asked
  const patients = queryPatients(asked)
  for (const object of objects) {
    if (object.home !== undefined && object.home !== home) {
      return `it was asked as ${home} and answered ${shown(object)} of the community ${object.home}`
    }
    const [patientId] = object.patientIds
    if (patientId === undefined && isOfPatient(object)) return `it answered ${shown(object)} of no patient`
    if (object.patientIds.some(another => another !== patientId && !isSame(patientId, another)))
      return `it answered ${shown(object)} of two patients`
    // Whoever asks by ids alone is told of one patient. [ITI TF-2:3.18.4.1.3]
    if (patientId !== undefined && patients.length === 0) patients.push(patientId)
    if (patientId !== undefined && !patients.some(each => isSame(each, patientId))) {
      return `it was asked for one patient and answered ${shown(object)} of another`
    }
  }
  if (status === 'Failure' && errors.length === 0) return 'it answered Failure, and no reason for it'
  return undefined
}

/** Whose identity a community says it knows: none but the person's who was asked for, and as its own. [ITI TF-2:3.55.4.2.2.4, 3.55.4.2.3] */
export function falsePerson(
  { patients, custodian }: Pick<DemographicsAnswer, 'patients' | 'custodian'>,
  wanted: Pick<Wanted, 'patientIds' | 'born'>,
  home: string,
): string | undefined {
  const community = home.replace(/^urn:oid:/, '')
  if (custodian !== undefined && custodian !== community) {
    return `it was asked as ${home} and answered a person whom ${custodian.slice(0, 128)} keeps`
  }
  for (const { patientIds, otherIds, person } of patients) {
    const ids = [...patientIds, ...otherIds]
    const [problem] = idFormProblems({ patientIds: ids, subsumedIds: [] })
    if (problem !== undefined) return `it answered a person by an id that is none: ${problem.text}`
    if (wanted.patientIds.some(one => isContradictedBy(ids, one))) {
      return 'it was asked for a person by an id and answered one with another id of the same kind'
    }
    const { born } = wanted
    const day = person.birthTime?.slice(0, 8) ?? ''
    if (born !== undefined && born.from === born.to && isOtherDay(born.from, day)) {
      return 'it was asked for a person and answered one who was born on another day'
    }
  }
  return undefined
}

/** Why these are not what was wanted of the community `home`; undefined where each was asked for, once, and is its own. [ITI TF-2:3.39.4.1.3] */
export function falseDocument(
  documents: readonly DocumentRequest[],
  wanted: readonly DocumentRequest[],
  home: string,
): string | undefined {
  const asked = new Set(wanted.map(documentKey))
  const told = new Set<string>()
  for (const document of documents) {
    const key = documentKey(document)
    const name = `the document ${document.documentUniqueId.slice(0, 128)}`
    if (document.homeCommunityId !== undefined && document.homeCommunityId !== home) {
      return `it answered ${name} of the community ${document.homeCommunityId}`
    }
    if (!asked.has(key)) return `it answered ${name}, which nobody asked it for`
    if (told.has(key)) return `it answered ${name} twice`
    told.add(key)
  }
  return undefined
}

/** Documents were taken, all of them, or refused for a reason. [ITI TF-3: Table 4.2.4.2-1] */
export function falseReceipt({ status, errors }: RegistryResponse): string | undefined {
  if (status === 'PartialSuccess') return 'it answered PartialSuccess, which does not say what it has taken'
  const hasFailed = errors.some(({ severity }) => severity === 'Error')
  if (status === 'Success' && hasFailed) return 'it answered Success, and an error of severity Error'
  if (status === 'Failure' && errors.length === 0) return 'it answered Failure, and no reason for it'
  return undefined
}

/** Associations have no patient, and references say nothing but ids. */
function isOfPatient({ element }: ForeignObject): boolean {
  return element.name === 'ExtrinsicObject' || element.name === 'RegistryPackage'
}

function isSame(one: string | undefined, other: string): boolean {
  const [a, b] = [instanceIdentifierOf(one ?? ''), instanceIdentifierOf(other)]
  return a !== undefined && b !== undefined && a.root === b.root && a.extension === b.extension
}

/** There are ids of its kind, and it is none of them. */
function isContradictedBy(ids: readonly string[], one: string): boolean {
  const alike = ids.filter(other => instanceIdentifierOf(other)?.root === instanceIdentifierOf(one)?.root)
  return alike.length > 0 && !alike.some(other => isSame(one, other))
}

/** Where both are told to the day. */
function isOtherDay(one: string, other: string): boolean {
  return one.length >= 8 && other.length === 8 && one.slice(0, 8) !== other
}

function shown({ id, element }: ForeignObject): string {
  return `${element.name} ${id.slice(0, 128)}`
}
