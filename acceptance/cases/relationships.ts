// How documents are related, and what each relation does to the older one. ITI TF-3 §4.2.2.2, TF-2 §3.42.4.1.3.5.
import type { AssociationType, DocumentEntry } from '../../metadata/model.js'
import { availabilityOf, idOf, ofKind } from '../answer.js'
import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { finds, holds, refused, succeeded } from '../judge.js'
import { listValue } from '../stored-queries.js'

const clause = 'ITI TF-2:3.42.4.1.3.5'

/** What becomes of the document that the relation points at. */
const relations: readonly { type: AssociationType; option: string; leaves: 'Approved' | 'Deprecated' }[] = [
  { type: 'RPLC', option: 'Document Replacement', leaves: 'Deprecated' },
  { type: 'APND', option: 'Document Addendum', leaves: 'Approved' },
  { type: 'XFRM', option: 'Document Transformation', leaves: 'Approved' },
  { type: 'XFRM_RPLC', option: 'Document Transformation', leaves: 'Deprecated' },
  { type: 'signs', option: 'Digital Signature', leaves: 'Approved' },
]

/** By whoever of the two sees it first. */
const malformed = ['XDSRegistryMetadataError', 'XDSRepositoryMetadataError', 'XDSRegistryError', 'XDSRepositoryError']

export const relationshipCases: readonly Case[] = [
  ...relations.flatMap(({ type, option, leaves }) => {
    const named = (id: string, title: string, attempt: (bench: Bench) => Promise<Disagreement[]>): Case => ({
      ...{ id: `association/${type}/${id}`, title: `${type} ${title}`, clause, option, try: attempt },
    })
    return [
      named('taken', `is taken and leaves the older document ${leaves}`, async bench => {
        const older = await aDocument(bench)
        const newer = bench.samples.entry(older.patientId!)
        const answer = await relate(bench, type, newer, older.entryUUID)
        const expected = { [older.entryUUID]: leaves, [newer.entryUUID]: 'Approved' }
        return [...succeeded(answer), ...(await statuses(bench, expected))]
      }),
      named('found', 'is found as an Association between the two', async bench => {
        const older = await aDocument(bench)
        const newer = bench.samples.entry(older.patientId!)
        await relate(bench, type, newer, older.entryUUID)
        const answer = await bench.query('GetDocumentsAndAssociations', {
          $XDSDocumentEntryEntryUUID: listValue(older.entryUUID),
        })
        const pairs = ofKind('Association', answer).map(each => each.attributes.map(({ value }) => value).join(' '))
        const between = pairs.filter(text => text.includes(older.entryUUID) && text.includes(newer.entryUUID))
        return [
          ...finds(answer, [older.entryUUID]),
          ...holds(between.length === 1, 'one Association between the two', `${between.length}`),
        ]
      }),
      named('unknown-target', 'of a document that does not exist', async bench => {
        const newer = bench.samples.entry(await bench.patient(1))
        const answer = await relate(bench, type, newer, bench.samples.uuid())
        return [...refused(answer, 'UnresolvedReferenceException'), ...(await absent(bench, newer))]
      }),
      named('deprecated-target', 'of a document that has been replaced', async bench => {
        const older = await aDocument(bench)
        await relate(bench, 'RPLC', bench.samples.entry(older.patientId!), older.entryUUID)
        const newer = bench.samples.entry(older.patientId!)
        const answer = await relate(bench, type, newer, older.entryUUID)
        return [...refused(answer, 'XDSRegistryDeprecatedDocumentError'), ...(await absent(bench, newer))]
      }),
      named('other-patient', 'of a document of another patient', async bench => {
        const older = await aDocument(bench)
        const newer = bench.samples.entry(await bench.patient(2))
        const answer = await relate(bench, type, newer, older.entryUUID)
        return [
          ...refused(answer, 'XDSPatientIdDoesNotMatch'),
          ...(await absent(bench, newer)),
          ...(await statuses(bench, { [older.entryUUID]: 'Approved' })),
        ]
      }),
    ]
  }),
  {
    ...{
      id: 'association/chain',
      title: 'replacements follow one another, the last one is Approved',
      clause,
      option: 'Document Replacement',
    },
    async try(bench) {
      const first = await aDocument(bench)
      const second = bench.samples.entry(first.patientId!)
      const third = bench.samples.entry(first.patientId!)
      const answers = [
        await relate(bench, 'RPLC', second, first.entryUUID),
        await relate(bench, 'RPLC', third, second.entryUUID),
      ]
      const expected = {
        [first.entryUUID]: 'Deprecated',
        [second.entryUUID]: 'Deprecated',
        [third.entryUUID]: 'Approved',
      }
      return [...answers.flatMap(succeeded), ...(await statuses(bench, expected))]
    },
  },
  ...(['APND', 'XFRM'] as const).map(
    (type): Case => ({
      ...{ id: `association/RPLC/with-${type}`, clause: 'ITI TF-3:4.2.2.2', option: 'Document Replacement' },
      title: `a replacement takes the older document's ${type} with it`,
      async try(bench) {
        const older = await aDocument(bench)
        const attached = bench.samples.entry(older.patientId!)
        const attaching = await relate(bench, type, attached, older.entryUUID)
        const replacing = await relate(bench, 'RPLC', bench.samples.entry(older.patientId!), older.entryUUID)
        const expected = { [older.entryUUID]: 'Deprecated', [attached.entryUUID]: 'Deprecated' }
        return [...succeeded(attaching), ...succeeded(replacing), ...(await statuses(bench, expected))]
      },
    }),
  ),
  {
    ...{ id: 'association/source-elsewhere', title: 'the source of a relation is part of the submission', clause },
    async try(bench) {
      const older = await aDocument(bench)
      const other = await aDocument(bench)
      const relation = bench.samples.association('APND', other.entryUUID, older.entryUUID)
      const entries = [bench.samples.entry(older.patientId!)]
      const answer = await bench.provide(bench.samples.of(older.patientId!, { entries, associations: [relation] }))
      return holds(answer.status === 'Failure', 'status Failure', answer.status)
    },
  },
  {
    ...{
      id: 'association/unknown-type',
      title: 'an Association of a type that does not exist',
      clause: 'ITI TF-3: Table 4.2.2-1',
    },
    async try(bench) {
      const older = await aDocument(bench)
      const newer = bench.samples.entry(older.patientId!)
      const answer = await relate(bench, 'urn:ihe:iti:2007:AssociationType:UNHEARD', newer, older.entryUUID)
      return [...refused(answer, ...malformed), ...(await absent(bench, newer))]
    },
  },
]

/** A document of the first patient, registered. */
export async function aDocument(bench: Bench): Promise<DocumentEntry> {
  const patientId = await bench.patient(1)
  const entry = bench.samples.entry(patientId)
  await bench.given(bench.samples.of(patientId, { entries: [entry] }))
  return entry
}

export function relate(bench: Bench, type: string, newer: DocumentEntry, targetObject: string) {
  const relation = bench.samples.association(type, newer.entryUUID, targetObject)
  return bench.provide(bench.samples.of(newer.patientId!, { entries: [newer], associations: [relation] }))
}

export async function statuses(bench: Bench, expected: Readonly<Record<string, string>>): Promise<Disagreement[]> {
  const ids = Object.keys(expected)
  const answer = await bench.query('GetDocuments', { $XDSDocumentEntryEntryUUID: listValue(...ids) })
  const found = new Map(ofKind('DocumentEntry', answer).map(entry => [idOf(entry), availabilityOf(entry)]))
  return ids.flatMap(id => holds(found.get(id) === expected[id], `${id} ${expected[id]}`, found.get(id) ?? 'not found'))
}

async function absent(bench: Bench, { entryUUID, uniqueId }: DocumentEntry): Promise<Disagreement[]> {
  return finds(await bench.query('GetDocuments', { $XDSDocumentEntryUniqueId: listValue(uniqueId!) }), [], [entryUUID])
}
