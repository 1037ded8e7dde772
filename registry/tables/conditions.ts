// Filters of queries as SQL: a row for each field, values always bound, never written into the text. Where the engines
// speak differently, they say it by a Dialect.
import { documentAvailabilities } from '../../metadata/uuids.js'
import type { SqlValue } from '../../store/store.js'
import { comparable } from '../comparable.js'
import type {
  AssociationFilter,
  CodeValue,
  DocumentEntryFilter,
  FolderFilter,
  SubmissionSetFilter,
} from '../store/reader.js'
import { type codeAttributes, statusBits, typeBits } from './columns.js'

export interface Condition {
  sql: string
  values: SqlValue[]
}

/** What one engine says otherwise than the other. The text of a condition never depends on how long a list is. */
export interface Dialect {
  oneOf(column: string, values: readonly string[]): Condition
  codeOneOf(column: string, values: readonly CodeValue[]): Condition
  /** One of the object's codes is among the values. */
  hasCode(attribute: keyof typeof codeAttributes, values: readonly CodeValue[]): Condition
  /** One of the object's texts is like a pattern with % and _, which minds case. [ITI TF-2: Appendix F] */
  hasText(attribute: 'authorPerson' | 'referenceIdList', patterns: readonly string[]): Condition
  /** What the affinity domain hides, what leads to it, and SubmissionSets that hold nothing else are left out. [CH-EPR deletionStatus] */
  notHidden: Readonly<Record<'DocumentEntry' | 'SubmissionSet' | 'Association', Condition>>
}

type Conditions<Filter> = {
  [Field in keyof Required<Filter>]: (value: NonNullable<Filter[Field]>, dialect: Dialect) => Condition[]
}

const documentEntryConditions: Conditions<DocumentEntryFilter> = {
  status: statuses => bitIn('e.status', statusBits, statuses),
  type: types => bitIn('e.type', typeBits, types),
  classCode: (values, dialect) => [dialect.codeOneOf('e.class_code', values)],
  typeCode: (values, dialect) => [dialect.codeOneOf('e.type_code', values)],
  practiceSettingCode: (values, dialect) => [dialect.codeOneOf('e.practice_setting_code', values)],
  healthcareFacilityTypeCode: (values, dialect) => [dialect.codeOneOf('e.healthcare_facility_type_code', values)],
  formatCode: (values, dialect) => [dialect.codeOneOf('e.format_code', values)],
  eventCodeList: (groups, dialect) => groups.map(values => dialect.hasCode('eventCodeList', values)),
  confidentialityCode: (groups, dialect) => groups.map(values => dialect.hasCode('confidentialityCode', values)),
  authorPerson: (patterns, dialect) => [dialect.hasText('authorPerson', patterns)],
  referenceIdList: (groups, dialect) => groups.map(patterns => dialect.hasText('referenceIdList', patterns)),
  // On-demand entries have no creation time; the filter is not for them. [ITI TF-2:3.18.4.1.2.3.7.1]
  creationTimeFrom: time => [{ sql: `(e.type = ${typeBits['on-demand']} OR e.creation_time >= ?)`, values: [time] }],
  creationTimeTo: time => [{ sql: `(e.type = ${typeBits['on-demand']} OR e.creation_time < ?)`, values: [time] }],
  serviceStartTimeFrom: time => [orAbsent('e.service_start_time', '>=', time)],
  serviceStartTimeTo: time => [orAbsent('e.service_start_time', '<', time)],
  serviceStopTimeFrom: time => [orAbsent('e.service_stop_time', '>=', time)],
  serviceStopTimeTo: time => [orAbsent('e.service_stop_time', '<', time)],
  documentAvailability: (values, dialect) => [
    dialect.oneOf(`coalesce(e.document_availability, '${documentAvailabilities.Online}')`, values),
  ],
  // Level 1 is the view of those who know no versions. [XDS Metadata Update]
  metadataLevel: level =>
    level > 1
      ? []
      : [
          {
            sql: `e.latest = 1 AND e.document_availability IS DISTINCT FROM '${documentAvailabilities.Offline}'`,
            values: [],
          },
        ],
  // What is absent equals nothing, so it is never what is left out. [CP-ITI-1323]
  without: (excluded, dialect) =>
    conditions(documentEntryConditions, excluded, dialect).map(({ sql, values }) => ({
      sql: `NOT coalesce(${sql}, false)`,
      values,
    })),
  hidden: (_, dialect) => [dialect.notHidden.DocumentEntry],
}

const submissionSetConditions: Conditions<SubmissionSetFilter> = {
  status: statuses => bitIn('e.status', statusBits, statuses),
  sourceId: (values, dialect) => [dialect.oneOf('e.source_id', values.map(comparable))],
  submissionTimeFrom: time => [{ sql: 'e.submission_time >= ?', values: [time] }],
  submissionTimeTo: time => [{ sql: 'e.submission_time < ?', values: [time] }],
  authorPerson: (patterns, dialect) => [dialect.hasText('authorPerson', patterns)],
  contentTypeCode: (values, dialect) => [dialect.codeOneOf('e.content_type_code', values)],
  hidden: (_, dialect) => [dialect.notHidden.SubmissionSet],
}

const folderConditions: Conditions<FolderFilter> = {
  status: statuses => bitIn('e.status', statusBits, statuses),
  lastUpdateTimeFrom: time => [{ sql: 'e.last_update_time >= ?', values: [time] }],
  lastUpdateTimeTo: time => [{ sql: 'e.last_update_time < ?', values: [time] }],
  codeList: (groups, dialect) => groups.map(values => dialect.hasCode('codeList', values)),
  metadataLevel: level =>
    level > 1 ? [] : [{ sql: `e.latest = 1 AND e.status = ${statusBits.Approved}`, values: [] }],
}

const associationConditions: Conditions<AssociationFilter> = {
  status: statuses => bitIn('e.status', statusBits, statuses),
  associationType: (values, dialect) => [dialect.oneOf('e.type', values)],
  metadataLevel: level => (level > 1 ? [] : [{ sql: `e.status = ${statusBits.Approved}`, values: [] }]),
  hidden: (_, dialect) => [dialect.notHidden.Association],
}

export const conditionsOf = {
  DocumentEntry: (filter: DocumentEntryFilter, dialect: Dialect) =>
    conditions(documentEntryConditions, filter, dialect),
  SubmissionSet: (filter: SubmissionSetFilter, dialect: Dialect) =>
    conditions(submissionSetConditions, filter, dialect),
  Folder: (filter: FolderFilter, dialect: Dialect) => conditions(folderConditions, filter, dialect),
  Association: (filter: AssociationFilter, dialect: Dialect) => conditions(associationConditions, filter, dialect),
}

function conditions<Filter extends object>(table: Conditions<Filter>, filter: Filter, dialect: Dialect): Condition[] {
  const made: Condition[] = []
  for (const field in table) {
    const value = filter[field]
    if (value !== undefined && value !== null) made.push(...table[field](value, dialect))
  }
  return made
}

function bitIn<Word extends string>(
  column: string,
  bits: Readonly<Record<Word, number>>,
  words: readonly Word[],
): Condition[] {
  return [{ sql: `${column} & ? <> 0`, values: [words.reduce((set, word) => set | bits[word], 0)] }]
}

function orAbsent(column: string, comparison: '>=' | '<', time: string): Condition {
  return { sql: `(${column} IS NULL OR ${column} ${comparison} ?)`, values: [time] }
}
