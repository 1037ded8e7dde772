// Filters of queries as SQL: a row for each field, values always bound, never written into the text.
// Lists travel as one JSON value, so that the text of a statement does not depend on how long they are.
import { documentAvailabilities } from '../../metadata/uuids.js'
import type { SqlValue } from '../../store/store.js'
import { comparable } from '../comparable.js'
import type { AssociationFilter, CodeValue, DocumentEntryFilter, FolderFilter, SubmissionSetFilter } from '../store.js'
import type { Codes } from './codes.js'
import { codeAttributes, statusBits, typeBits } from './columns.js'

export interface Condition {
  sql: string
  values: SqlValue[]
}

type Conditions<Filter> = {
  [Field in keyof Required<Filter>]: (value: NonNullable<Filter[Field]>, codes: Codes) => Condition[]
}

const documentEntryConditions: Conditions<DocumentEntryFilter> = {
  status: statuses => bitIn('e.status', statusBits, statuses),
  type: types => bitIn('e.type', typeBits, types),
  classCode: (values, codes) => codeIn('e.class_code', values, codes),
  typeCode: (values, codes) => codeIn('e.type_code', values, codes),
  practiceSettingCode: (values, codes) => codeIn('e.practice_setting_code', values, codes),
  healthcareFacilityTypeCode: (values, codes) => codeIn('e.healthcare_facility_type_code', values, codes),
  formatCode: (values, codes) => codeIn('e.format_code', values, codes),
  eventCodeList: (groups, codes) => hasCodes('eventCodeList', groups, codes),
  confidentialityCode: (groups, codes) => hasCodes('confidentialityCode', groups, codes),
  authorPerson: patterns => [hasText('author_persons', 'person', patterns)],
  referenceIdList: groups => groups.map(patterns => hasText('reference_ids', 'reference_id', patterns)),
  // On-demand entries have no creation time; the filter is not for them. [ITI TF-2:3.18.4.1.2.3.7.1]
  creationTimeFrom: time => [{ sql: `(e.type = ${typeBits['on-demand']} OR e.creation_time >= ?)`, values: [time] }],
  creationTimeTo: time => [{ sql: `(e.type = ${typeBits['on-demand']} OR e.creation_time < ?)`, values: [time] }],
  serviceStartTimeFrom: time => [orAbsent('e.service_start_time', '>=', time)],
  serviceStartTimeTo: time => [orAbsent('e.service_start_time', '<', time)],
  serviceStopTimeFrom: time => [orAbsent('e.service_stop_time', '>=', time)],
  serviceStopTimeTo: time => [orAbsent('e.service_stop_time', '<', time)],
  documentAvailability: values => [
    {
      sql: `coalesce(e.document_availability, '${documentAvailabilities.Online}') IN (${listed})`,
      values: [list(values)],
    },
  ],
  // Level 1 is the view of those who know no versions. [XDS Metadata Update]
  metadataLevel: level =>
    level > 1
      ? []
      : [{ sql: `e.latest = 1 AND e.document_availability IS NOT '${documentAvailabilities.Offline}'`, values: [] }],
  // What is absent equals nothing, so it is never what is left out. [CP-ITI-1323]
  without: (excluded, codes) =>
    conditions(documentEntryConditions, excluded, codes).map(({ sql, values }) => ({
      sql: `NOT coalesce(${sql}, 0)`,
      values,
    })),
  hidden: () => [{ sql: `NOT ${isHidden('e.object')}`, values: [] }],
}

const submissionSetConditions: Conditions<SubmissionSetFilter> = {
  status: statuses => bitIn('e.status', statusBits, statuses),
  sourceId: values => [{ sql: `e.source_id IN (${listed})`, values: [list(values.map(comparable))] }],
  submissionTimeFrom: time => [{ sql: 'e.submission_time >= ?', values: [time] }],
  submissionTimeTo: time => [{ sql: 'e.submission_time < ?', values: [time] }],
  authorPerson: patterns => [hasText('author_persons', 'person', patterns)],
  contentTypeCode: (values, codes) => codeIn('e.content_type_code', values, codes),
  hidden: () => [
    {
      sql: `(NOT EXISTS (${members} AND ${leadsToHidden('m.target')})
        OR EXISTS (${members} AND NOT ${leadsToHidden('m.target')}))`,
      values: [],
    },
  ],
}

const folderConditions: Conditions<FolderFilter> = {
  status: statuses => bitIn('e.status', statusBits, statuses),
  lastUpdateTimeFrom: time => [{ sql: 'e.last_update_time >= ?', values: [time] }],
  lastUpdateTimeTo: time => [{ sql: 'e.last_update_time < ?', values: [time] }],
  codeList: (groups, codes) => hasCodes('codeList', groups, codes),
  metadataLevel: level =>
    level > 1 ? [] : [{ sql: `e.latest = 1 AND e.status = ${statusBits.Approved}`, values: [] }],
}

const associationConditions: Conditions<AssociationFilter> = {
  status: statuses => bitIn('e.status', statusBits, statuses),
  associationType: values => [{ sql: `e.type IN (${listed})`, values: [list(values)] }],
  metadataLevel: level => (level > 1 ? [] : [{ sql: `e.status = ${statusBits.Approved}`, values: [] }]),
  hidden: () => [{ sql: `NOT ${isHidden('e.source')} AND NOT ${leadsToHidden('e.target')}`, values: [] }],
}

export const conditionsOf = {
  DocumentEntry: (filter: DocumentEntryFilter, codes: Codes) => conditions(documentEntryConditions, filter, codes),
  SubmissionSet: (filter: SubmissionSetFilter, codes: Codes) => conditions(submissionSetConditions, filter, codes),
  Folder: (filter: FolderFilter, codes: Codes) => conditions(folderConditions, filter, codes),
  Association: (filter: AssociationFilter, codes: Codes) => conditions(associationConditions, filter, codes),
}

function conditions<Filter extends object>(table: Conditions<Filter>, filter: Filter, codes: Codes): Condition[] {
  const made: Condition[] = []
  for (const field in table) {
    const value = filter[field]
    if (value !== undefined && value !== null) made.push(...table[field](value, codes))
  }
  return made
}

const members = `SELECT 1 FROM associations m WHERE m.source = e.object AND m.type = 'HasMember'`

/** Whether the object at that key is a DocumentEntry of which the latest version is hidden. */
function isHidden(key: string): string {
  return `EXISTS (SELECT 1 FROM document_entries own
    CROSS JOIN document_entries latest ON latest.lid = own.lid AND latest.latest = 1
    CROSS JOIN hidden_entries h ON h.object = latest.object WHERE own.object = ${key})`
}

/** Such an entry, or the place that it has in a Folder. */
function leadsToHidden(key: string): string {
  return `(${isHidden(key)} OR EXISTS (SELECT 1 FROM associations held WHERE held.object = ${key} AND ${isHidden('held.target')}))`
}

const listed = 'SELECT value FROM json_each(?)'

function list(values: readonly (string | number)[]): string {
  return JSON.stringify(values)
}

function bitIn<Word extends string>(
  column: string,
  bits: Readonly<Record<Word, number>>,
  words: readonly Word[],
): Condition[] {
  return [{ sql: `${column} & ? <> 0`, values: [words.reduce((set, word) => set | bits[word], 0)] }]
}

function codeIn(column: string, values: readonly CodeValue[], codes: Codes): Condition[] {
  return [{ sql: `${column} IN (${listed})`, values: [list(keysOf(values, codes))] }]
}

/** Each group must be met by one of the object's codes. [ITI TF-2:3.18.4.1.2.3.5] */
function hasCodes(
  attribute: keyof typeof codeAttributes,
  groups: readonly (readonly CodeValue[])[],
  codes: Codes,
): Condition[] {
  return groups.map(values => ({
    sql: `EXISTS (SELECT 1 FROM object_codes c WHERE c.object = e.object
      AND c.attribute = ${codeAttributes[attribute]} AND c.code IN (${listed}))`,
    values: [list(keysOf(values, codes))],
  }))
}

function keysOf(values: readonly CodeValue[], codes: Codes): number[] {
  return values.map(code => codes.knownKeyOf(code)).filter(key => key !== undefined)
}

function hasText(table: string, column: string, patterns: readonly string[]): Condition {
  return {
    sql: `EXISTS (SELECT 1 FROM ${table} t, json_each(?) p WHERE t.object = e.object AND t.${column} GLOB p.value)`,
    values: [list(patterns.map(pattern => globOf(comparable(pattern))))],
  }
}

/** A LIKE pattern as GLOB, which minds case as metadata must be compared, and needs no escape character. [ITI TF-2: Appendix F] */
export function globOf(pattern: string): string {
  return pattern.replace(/[%_*?[]/g, character => globs[character] ?? character)
}

const globs: Readonly<Record<string, string>> = { '%': '*', _: '?', '*': '[*]', '?': '[?]', '[': '[[]' }

function orAbsent(column: string, comparison: '>=' | '<', time: string): Condition {
  return { sql: `(${column} IS NULL OR ${column} ${comparison} ?)`, values: [time] }
}
