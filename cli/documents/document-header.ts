// What a document says of itself, whatever its form: the part of a DocumentEntry that need not be asked of anybody.
import type { Code } from '../../metadata/model.js'

export interface DocumentHeader {
  title?: string
  uniqueId?: string
  code?: Code
  classCode?: Code
  formatCode?: Code
  practiceSettingCode?: Code
  confidentialityCode?: Code
  eventCodeList?: Code[]
  /** CXi. */
  referenceIdList?: string[]
  languageCode?: string
  /** DTM in UTC, as the other times. */
  creationTime?: string
  /** XCN. */
  authorPerson?: string
  /** XON. */
  authorInstitution?: string
  /** XCN. */
  legalAuthenticator?: string
  /** CX. */
  sourcePatientId?: string
  /** `PID-5|…` and so on. [ITI TF-3:4.2.3.2.23] */
  sourcePatientInfo?: string[]
  serviceStartTime?: string
  serviceStopTime?: string
}

/** Header of what is known; undefined members are left out. */
export function defined<Value extends object>(value: { [Name in keyof Value]: Value[Name] | undefined }): Value {
  return Object.fromEntries(Object.entries(value).filter(([, found]) => found !== undefined)) as Value
}

/** PID fields with something in them; undefined when there are none. */
export function sourcePatientInfo(fields: readonly (readonly [string, string | undefined])[]): string[] | undefined {
  const known = fields.filter(([, text]) => text !== undefined && text !== '')
  return known.length === 0 ? undefined : known.map(([field, text]) => `${field}|${text}`)
}
