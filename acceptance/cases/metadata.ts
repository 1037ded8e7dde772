// What metadata has to hold: each required attribute left out, each data type broken. ITI TF-3 §4.2.3, Table 4.3.1-3.
import type { DocumentEntry, Folder, SubmissionSet } from '../../metadata/model.js'
import { idOf, ofKind } from '../answer.js'
import type { Bench } from '../bench.js'
import type { Case } from '../case.js'
import { finds, holds, refused, succeeded } from '../judge.js'
import { listValue } from '../stored-queries.js'

type Change = Partial<Record<keyof DocumentEntry | keyof SubmissionSet | keyof Folder, unknown>>

/** [attribute, what is left of it, clause] */
const missingOfEntry: readonly [keyof DocumentEntry, unknown, string][] = [
  ['mimeType', '', '4.2.3.2.15'],
  ['creationTime', undefined, '4.2.3.2.6'],
  ['languageCode', undefined, '4.2.3.2.13'],
  ['sourcePatientId', undefined, '4.2.3.2.22'],
  ['classCode', undefined, '4.2.3.2.3'],
  ['confidentialityCode', [], '4.2.3.2.5'],
  ['formatCode', undefined, '4.2.3.2.9'],
  ['healthcareFacilityTypeCode', undefined, '4.2.3.2.11'],
  ['practiceSettingCode', undefined, '4.2.3.2.17'],
  ['typeCode', undefined, '4.2.3.2.25'],
  ['patientId', undefined, '4.2.3.2.16'],
  ['uniqueId', undefined, '4.2.3.2.26'],
]
const missingOfSet: readonly [keyof SubmissionSet, unknown, string][] = [
  ['contentTypeCode', undefined, '4.2.3.3.3'],
  ['patientId', undefined, '4.2.3.3.8'],
  ['sourceId', undefined, '4.2.3.3.9'],
  ['submissionTime', undefined, '4.2.3.3.10'],
  ['uniqueId', undefined, '4.2.3.3.12'],
]
const missingOfFolder: readonly [keyof Folder, unknown, string][] = [
  ['codeList', [], '4.2.3.4.3'],
  ['patientId', undefined, '4.2.3.4.7'],
  ['uniqueId', undefined, '4.2.3.4.9'],
]
const broken: readonly [keyof DocumentEntry, unknown, string][] = [
  ['creationTime', 'yesterday', '4.2.3.2.6'],
  ['creationTime', '20261340', '4.2.3.2.6'],
  ['serviceStartTime', '2026-03-10', '4.2.3.2.19'],
  ['serviceStopTime', '1', '4.2.3.2.20'],
  ['sourcePatientId', 'no patient id', '4.2.3.2.22'],
  ['patientId', 'P-1', '4.2.3.2.16'],
]
const brokenOfSet: readonly [keyof SubmissionSet, unknown, string][] = [
  ['sourceId', 'the hospital', '4.2.3.3.9'],
  ['submissionTime', 'now', '4.2.3.3.10'],
  ['uniqueId', 'the first one', '4.2.3.3.12'],
  ['patientId', 'P-1', '4.2.3.3.8'],
]
/** Of a repository to its registry: these two are its own to tell. */
const brokenOfRegistered: readonly [keyof DocumentEntry, unknown, string][] = [
  ['hash', 'no hash', '4.2.3.2.10'],
  ['size', 'small', '4.2.3.2.21'],
  ['repositoryUniqueId', 'the cellar', '4.2.3.2.18'],
  ['hash', undefined, '4.2.3.2.10'],
  ['size', undefined, '4.2.3.2.21'],
  ['repositoryUniqueId', undefined, '4.2.3.2.18'],
]

type Kind = 'DocumentEntry' | 'SubmissionSet' | 'Folder'

function rows(kind: Kind, table: readonly (readonly [string, unknown, string])[]): Case[] {
  return table.flatMap(([attribute, value, section]) =>
    (['ITI-41', 'ITI-42'] as const).map(transaction => {
      const isMissing = value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
      const how = isMissing ? 'missing' : `broken/${String(value).replaceAll(' ', '-')}`
      return {
        id: `metadata/${transaction}/${kind}.${attribute}/${how}`,
        title: `${transaction} refuses a ${kind} ${isMissing ? `without ${attribute}` : `whose ${attribute} is "${value}"`}`,
        clause: `ITI TF-3:${section}`,
        needs: kind === 'Folder' ? ['Folders'] : [],
        try: bench => changed(bench, transaction, kind, { [attribute]: value }),
      }
    }),
  )
}

async function changed(bench: Bench, transaction: 'ITI-41' | 'ITI-42', kind: Kind, change: Change) {
  const { samples } = bench
  const patientId = await bench.patient(1)
  const entry = samples.entry(patientId, kind === 'DocumentEntry' ? (change as Partial<DocumentEntry>) : {})
  const folders = kind === 'Folder' ? [samples.folder(patientId, change as Partial<Folder>)] : []
  const submissionSet = kind === 'SubmissionSet' ? (change as Partial<SubmissionSet>) : {}
  const sample = samples.of(patientId, { entries: [entry], folders, submissionSet })
  const answer = await (transaction === 'ITI-41' ? bench.provide(sample) : bench.register(sample))
  const others = 'patientId' in change ? ['XDSUnknownPatientId', 'XDSPatientIdDoesNotMatch'] : []
  return refused(answer, 'XDSRegistryMetadataError', 'XDSRepositoryMetadataError', ...others)
}

const registeredOnly: readonly Case[] = brokenOfRegistered.map(([attribute, value, section]) => ({
  id: `metadata/ITI-42/DocumentEntry.${attribute}/${value === undefined ? 'missing' : 'broken'}`,
  title: `ITI-42 refuses an entry ${value === undefined ? `without ${attribute}` : `whose ${attribute} is "${value}"`}`,
  clause: `ITI TF-3:${section}`,
  try: bench => changed(bench, 'ITI-42', 'DocumentEntry', { [attribute]: value }),
}))

const taken: readonly Case[] = [
  {
    ...{
      id: 'metadata/extra',
      title: 'extra metadata is kept, or its loss is told as a warning',
      clause: 'ITI TF-2:3.42.4.1.3.3.6',
    },
    async try(bench) {
      const patientId = await bench.patient(1)
      const own = { name: 'urn:oid:2.999.8', values: ['something of our own'] }
      const { extraMetadata } = bench.domain.entry
      const entry = bench.samples.entry(patientId, { extraMetadata: [...extraMetadata, own] })
      const answer = await bench.provide(bench.samples.of(patientId, { entries: [entry] }))
      if (answer.errors.some(({ code }) => code === 'XDSExtraMetadataNotSaved')) return succeeded(answer)
      const found = await bench.query('GetDocuments', { $XDSDocumentEntryEntryUUID: listValue(entry.entryUUID) })
      const isKept = JSON.stringify(found.body ?? {}).includes('urn:oid:2.999.8')
      return [
        ...succeeded(answer),
        ...finds(found, [entry.entryUUID]),
        ...(isKept
          ? []
          : [{ expected: 'the Slot urn:oid:2.999.8, or the warning XDSExtraMetadataNotSaved', found: 'neither' }]),
      ]
    },
  },
  {
    ...{
      id: 'metadata/symbolic-ids',
      title: 'symbolic ids become UUIDs of the registry',
      clause: 'ITI TF-3:4.2.3.1.5',
    },
    async try(bench) {
      const patientId = await bench.patient(1)
      const entry = bench.samples.entry(patientId, { entryUUID: 'Document01' })
      const answer = await bench.provide(
        bench.samples.of(patientId, { entries: [entry], submissionSet: { entryUUID: 'SubmissionSet01' } }),
      )
      const found = await bench.query('GetDocuments', { $XDSDocumentEntryUniqueId: listValue(entry.uniqueId!) })
      const [id = 'no entry'] = ofKind('DocumentEntry', found).map(idOf)
      return [...succeeded(answer), ...holds(/^urn:uuid:[0-9a-f-]{36}$/.test(id), 'an entryUUID as urn:uuid', id)]
    },
  },
  {
    ...{
      id: 'metadata/no-submission-set',
      title: 'a submission without a SubmissionSet is refused',
      clause: 'ITI TF-3:4.2.1.4',
    },
    async try(bench) {
      const patientId = await bench.patient(1)
      const sample = bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] })
      const submission = { ...sample.submission, submissionSets: [], associations: [] }
      return refused(await bench.register({ ...sample, submission }), 'XDSRegistryMetadataError', 'XDSRegistryError')
    },
  },
  {
    ...{
      id: 'metadata/two-submission-sets',
      title: 'a submission with two SubmissionSets is refused',
      clause: 'ITI TF-3:4.2.1.4',
    },
    async try(bench) {
      const patientId = await bench.patient(1)
      const sample = bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] })
      const submissionSets = [...sample.submission.submissionSets, bench.samples.submissionSet(patientId)]
      return refused(
        await bench.register({ ...sample, submission: { ...sample.submission, submissionSets } }),
        'XDSRegistryMetadataError',
        'XDSRegistryError',
      )
    },
  },
  {
    ...{
      id: 'metadata/entry-without-membership',
      title: 'an entry that no SubmissionSet holds is refused',
      clause: 'ITI TF-3:4.2.1.4',
    },
    async try(bench) {
      const patientId = await bench.patient(1)
      const sample = bench.samples.of(patientId, { entries: [bench.samples.entry(patientId)] })
      return refused(
        await bench.register({ ...sample, submission: { ...sample.submission, associations: [] } }),
        'XDSRegistryMetadataError',
        'XDSRegistryError',
      )
    },
  },
]

export const metadataCases: readonly Case[] = [
  ...rows('DocumentEntry', missingOfEntry),
  ...rows('SubmissionSet', missingOfSet),
  ...rows('Folder', missingOfFolder),
  ...rows('DocumentEntry', broken),
  ...rows('SubmissionSet', brokenOfSet),
  ...registeredOnly,
  ...taken,
]
