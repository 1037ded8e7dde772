// What a registry of the Swiss EPR asks of metadata beyond the framework: value sets, and the two Slots of its own. EPRO-FDHA annexes 3 and 5.
import type { Code, DocumentEntry, SubmissionSet } from '../../metadata/model.js'
import { ofKind, slotIn } from '../answer.js'
import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { swiss } from '../domain.js'
import { finds, holds, refused, succeeded } from '../judge.js'
import { NotTried } from '../not-tried.js'
import { codeOf, codes } from '../sample.js'
import { listValue } from '../stored-queries.js'

const annex3 = 'CH-EPR annex 3'
const unheard = codeOf('unheard-of', 'A code that is in no value set')
const elsewhere = (code: Code): Code => ({ ...code, codingScheme: '2.999.404' })
const dicom = '1.2.840.10008.2.16.4'

/** [attribute, what the value set does not have, how] */
const outside: readonly [keyof DocumentEntry, unknown, string][] = [
  ['classCode', unheard, 'unknown'],
  ['typeCode', unheard, 'unknown'],
  ['formatCode', unheard, 'unknown'],
  ['healthcareFacilityTypeCode', unheard, 'unknown'],
  ['practiceSettingCode', unheard, 'unknown'],
  ['confidentialityCode', [unheard], 'unknown'],
  ['eventCodeList', [codeOf('UNHEARD', 'No modality', dicom)], 'unknown'],
  ['languageCode', 'tlh', 'unknown'],
  ['mimeType', 'application/x-unheard', 'unknown'],
  ['classCode', elsewhere(codes.classCode), 'scheme'],
  ['typeCode', elsewhere(codes.typeCode), 'scheme'],
  ['confidentialityCode', [elsewhere(codes.confidentialityCode)], 'scheme'],
  ['confidentialityCode', [codeOf('N', 'Normal', '2.16.840.1.113883.5.25')], 'HL7'],
]

const confidentialities: readonly [string, Code][] = [
  ['normal', codes.confidentialityCode],
  ['restricted', codes.restricted],
  ['secret', codeOf('1141000195107', 'Secret')],
  ['secret/older-scheme', codeOf('1141000195107', 'Secret', '2.16.756.5.30.1.127.3.4')],
]

const roles = ['HCP', 'PAT', 'ASS', 'REP', 'TCU', 'DADM']
const role = (...values: string[]) => ({ name: swiss.originalProviderRole, values })
const deletion = (word: string) => ({
  name: swiss.deletionStatus,
  values: [`${swiss.deletionStatus}:${word}`],
})

const metadataErrors = ['XDSRegistryMetadataError', 'XDSRepositoryMetadataError', 'XDSRegistryError']

export const swissMetadataCases: readonly Case[] = [
  ...outside.map(([attribute, value, how]) =>
    refusedEntry(`value-set/${attribute}/${how}`, `${attribute} outside of its value set`, annex3, {
      [attribute]: value,
    }),
  ),
  refusedSet('value-set/contentTypeCode/unknown', 'contentTypeCode outside of its value set', annex3, {
    contentTypeCode: unheard,
  }),
  refusedEntry('class-type-pair', 'a typeCode that does not go with its classCode', annex3, {
    // Both are codes of annex 3: an imaging report is no summary.
    typeCode: codeOf('4201000179104', 'Imaging report'),
  }),
  takenEntry('display-name', 'a code by another display name', 'ITI TF-3: Table 4.2.3.1.2-1', () => ({
    classCode: { ...codes.classCode, displayName: [{ value: 'Zusammenfassung', lang: 'de', charset: 'UTF-8' }] },
  })),
  ...confidentialities.map(([name, code]) =>
    takenEntry(`confidentiality/${name}`, `a document whose confidentialityCode is ${name}`, annex3, () => ({
      confidentialityCode: [code],
    })),
  ),
  refusedEntry('confidentiality/two', 'two levels of confidentiality', annex3, {
    confidentialityCode: [codes.confidentialityCode, codes.restricted],
  }),
  refusedEntry('title', 'an entry without a title', 'Gazelle title', { title: undefined }),

  refusedEntry('role/missing', 'an entry without originalProviderRole', 'CH-EPR originalProviderRole', {
    extraMetadata: [],
  }),
  refusedEntry('role/unknown', 'an originalProviderRole that is none', 'CH-EPR originalProviderRole', {
    extraMetadata: [role(swiss.roleOf('GRANDMOTHER'))],
  }),
  refusedEntry('role/other-system', 'an originalProviderRole of another code system', 'CH-EPR originalProviderRole', {
    extraMetadata: [role('HCP^^^&2.999.404&ISO')],
  }),
  refusedEntry('role/two', 'two originalProviderRoles', 'CH-EPR originalProviderRole', {
    extraMetadata: [role(swiss.roleOf('HCP'), swiss.roleOf('PAT'))],
  }),
  ...roles.map(code =>
    swissCase(
      `role/${code}`,
      `originalProviderRole ${code} is taken and comes back`,
      'CH-EPR originalProviderRole',
      bench => comesBack(bench, swiss.originalProviderRole, swiss.roleOf(code), [role(swiss.roleOf(code))]),
    ),
  ),

  swissCase(
    'deletionStatus/NotRequested',
    'deletionNotRequested is taken and comes back',
    'CH-EPR deletionStatus',
    bench => {
      const slot = deletion('deletionNotRequested')
      return comesBack(bench, swiss.deletionStatus, slot.values[0]!, [role(swiss.roleOf('HCP')), slot])
    },
  ),
  ...['deletionRequested', 'deletionProhibited', 'deletionLater'].map(word =>
    refusedEntry(`deletionStatus/${word}`, `${word} from a source`, 'CARA deletionStatus', {
      extraMetadata: [role(swiss.roleOf('HCP')), deletion(word)],
    }),
  ),

  refusedEntry('sourcePatientId/EPR-SPID', 'a sourcePatientId that is an EPR-SPID', 'CARA sourcePatientId', {
    sourcePatientId: `761337610000000002^^^&${swiss.nationalAuthority}&ISO`,
  }),
  refusedEntry('sourcePatientId/AHV', 'a sourcePatientId that is a social security number', 'CARA sourcePatientId', {
    sourcePatientId: '756.1234.5678.97^^^&2.999.2.1&ISO',
  }),

  swissCase('author', 'a SubmissionSet without author is told as a warning', 'Gazelle CH-XDS-009', async bench => {
    const patientId = await bench.patient(1)
    const entries = [bench.samples.entry(patientId)]
    const answer = await bench.provide(bench.samples.of(patientId, { entries, submissionSet: { author: [] } }))
    if (!bench.ours) throw new NotTried('whether SubmissionSet.author is required is not known, and so not judged')
    const warned = answer.errors.some(({ severity, context }) => severity === 'Warning' && context.includes('author'))
    return [...succeeded(answer), ...holds(warned, 'a warning that names the author', 'none')]
  }),

  swissCase('folder/refused', 'a submission with a Folder is refused', 'Gazelle CH-XDS-003', async bench => {
    const patientId = await bench.patient(1)
    const entries = [bench.samples.entry(patientId)]
    const sample = bench.samples.of(patientId, { entries, folders: [bench.samples.folder(patientId)] })
    return [...refused(await bench.provide(sample), ...metadataErrors), ...(await absent(bench, entries[0]!))]
  }),
  swissCase(
    'folder/association',
    'an Association that touches a Folder is refused',
    'Gazelle CH-XDS-003',
    async bench => {
      const patientId = await bench.patient(1)
      const entry = bench.samples.entry(patientId)
      const membership = bench.samples.association('HasMember', bench.samples.uuid(), entry.entryUUID)
      const sample = bench.samples.of(patientId, { entries: [entry], associations: [membership] })
      const answer = await bench.provide(sample)
      return [...refused(answer, ...metadataErrors, 'UnresolvedReferenceException'), ...(await absent(bench, entry))]
    },
  ),
]

export function swissCase(
  id: string,
  title: string,
  clause: string,
  attempt: (bench: Bench) => Promise<Disagreement[]>,
): Case {
  return { id: `ch-epr/${id}`, title, clause, domain: 'ch-epr', try: attempt }
}

/** Neither by its repository nor by its registry, and nothing of it is kept. */
function refusedEntry(id: string, what: string, clause: string, changes: Partial<DocumentEntry>): Case {
  return swissCase(id, `${what} is refused`, clause, async bench => {
    const patientId = await bench.patient(1)
    const tried: Disagreement[] = []
    for (const by of ['provide', 'register'] as const) {
      const entry = bench.samples.entry(patientId, changes)
      const answer = await bench[by](bench.samples.of(patientId, { entries: [entry] }))
      tried.push(...refused(answer, ...metadataErrors), ...(await absent(bench, entry)))
    }
    return tried
  })
}

function refusedSet(id: string, what: string, clause: string, submissionSet: Partial<SubmissionSet>): Case {
  return swissCase(id, `${what} is refused`, clause, async bench => {
    const patientId = await bench.patient(1)
    const entry = bench.samples.entry(patientId)
    const answer = await bench.provide(bench.samples.of(patientId, { entries: [entry], submissionSet }))
    return [...refused(answer, ...metadataErrors), ...(await absent(bench, entry))]
  })
}

function takenEntry(id: string, what: string, clause: string, changes: () => Partial<DocumentEntry>): Case {
  return swissCase(id, `${what} is taken`, clause, async bench => {
    const patientId = await bench.patient(1)
    const entry = bench.samples.entry(patientId, changes())
    const answer = await bench.provide(bench.samples.of(patientId, { entries: [entry] }))
    return [...succeeded(answer), ...finds(await byId(bench, entry), [entry.entryUUID])]
  })
}

async function comesBack(
  bench: Bench,
  name: string,
  value: string,
  extraMetadata: DocumentEntry['extraMetadata'],
): Promise<Disagreement[]> {
  const patientId = await bench.patient(1)
  const entry = bench.samples.entry(patientId, { extraMetadata })
  const answer = await bench.provide(bench.samples.of(patientId, { entries: [entry] }))
  const [found] = ofKind('DocumentEntry', await byId(bench, entry))
  const values = found === undefined ? ['no entry'] : slotIn(found, name)
  return [
    ...succeeded(answer),
    ...holds(values.join() === value, `Slot ${name} with ${value}`, values.join() || 'none'),
  ]
}

function byId(bench: Bench, { entryUUID }: DocumentEntry) {
  return bench.query('GetDocuments', { $XDSDocumentEntryEntryUUID: listValue(entryUUID) })
}

async function absent(bench: Bench, entry: DocumentEntry): Promise<Disagreement[]> {
  return finds(await byId(bench, entry), [], [entry.entryUUID])
}
