// Random registries, random queries: the registry finds what a plain filter finds.
import { expect } from 'chai'
import fc from 'fast-check'
import type { Code, Submission } from '../../../metadata/model.js'
import { associationTypes, documentAvailabilities, documentEntryTypes, statusTypes } from '../../../metadata/uuids.js'
import { aDocumentEntry, aFolder, anAssociation, anAuthor, anOid, aSubmission } from '../../samples/submission.js'
import { aRegistry, codesOf, decodedList, type QueryParameters, quote, type TestRegistry } from '../a-registry.js'
import { patience } from '../engines.js'
import { heldBySet } from '../submissions.js'
import { type Asked, add, emptyModel, type Model, naive } from './model.js'

const registries = 40
const queriesEach = 60

const patients = ['P-1^^^&2.999.1.2.3&ISO', 'P-2^^^&2.999.1.2.3&ISO']
const codeNames = ['a', 'b', 'c']
const schemes = ['2.999.1', '2.999.2']
const persons = ['8802^Tanner^Mia', "^O'Brien^Ann", '^100%_sure^', '^[T]anner*^?', '^Müller^Änne']
const patterns = ['%', '%Tanner%', '%tanner%', "%O'B_ien%", '%[T]%', '%*%', '_8%', '%ller^Ä%', '']
const times = ['2025', '202504', '20250401', '2025040112', '20250401120000', '2026']
const references = ['r1^^^&2.999.4&ISO^urn:x', 'r2^^^&2.999.4&ISO^urn:x', 'r_3^^^^urn:y']

/** Small, seeded, and the same everywhere. */
function chance(seed: number) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number) => Math.floor(next() * bound)
  const pick = <Value>(values: readonly Value[]): Value => values[below(values.length)] as Value
  const some = <Value>(values: readonly Value[]): Value[] => {
    const chosen = values.filter(() => next() < 0.5)
    return chosen.length > 0 ? chosen : [pick(values)]
  }
  return { below, pick, some, maybe: <Value>(value: () => Value) => (next() < 0.3 ? value() : undefined) }
}

type Chance = ReturnType<typeof chance>

function randomSubmission(random: Chance, model: Model): Submission {
  const code = (): Code => ({
    code: random.pick(codeNames),
    codingScheme: random.pick(schemes),
    displayName: [{ value: 'x' }],
  })
  const patientId = random.pick(patients)
  const entries = Array.from({ length: random.below(4) }, (_, index) =>
    aDocumentEntry({
      patientId,
      // Sometimes another entry for a document that is there.
      uniqueId:
        index === 0 && model.entries.length > 0 && random.below(4) === 0
          ? (random.pick(model.entries).value.uniqueId ?? '')
          : anOid(),
      classCode: code(),
      formatCode: code(),
      eventCodeList: random.maybe(() => [code(), code()]) ?? [],
      confidentialityCode: [code(), code()],
      author: random.some(persons).map(authorPerson => anAuthor({ authorPerson })),
      creationTime: random.pick(times),
      serviceStartTime: random.maybe(() => '2025'),
      serviceStopTime: random.maybe(() => '20260401'),
      referenceIdList: random.maybe(() => random.some(references)) ?? [],
      documentAvailability: random.maybe(() => random.pick(Object.values(documentAvailabilities))),
    }),
  )
  const submission = aSubmission({
    submissionSet: {
      patientId,
      sourceId: random.pick(schemes),
      submissionTime: random.pick(times),
      contentTypeCode: code(),
      author: [anAuthor({ authorPerson: random.pick(persons) })],
    },
    documentEntries: entries,
    folders: random.maybe(() => [aFolder({ patientId, codeList: [code(), code()] })]) ?? [],
  })
  const [folder] = submission.folders
  const ours = [...model.entries.filter(each => each.value.patientId === patientId && each.status === 'Approved')]
  const fileable = [...entries.map(each => each.entryUUID), ...ours.map(each => each.value.entryUUID)]
  if (folder !== undefined && fileable.length > 0) {
    for (const targetObject of new Set([random.pick(fileable), random.pick(fileable)])) {
      const holds = anAssociation({ sourceObject: folder.entryUUID, targetObject })
      submission.associations.push(holds, heldBySet(submission, holds.entryUUID))
    }
  }
  const filed = new Set(model.associations.map(each => each.value.targetObject))
  const [entry] = entries
  const target = ours.length > 0 ? random.pick(ours).value : undefined
  if (entry !== undefined && target !== undefined && random.below(2) === 0) {
    const type = random.pick(['RPLC', 'APND', 'XFRM', 'signs'])
    // The registry itself adds Associations for a replaced entry in a Folder; the model does not, so such ones are left out.
    const inFolder =
      submission.associations.some(each => each.targetObject === target.entryUUID) ||
      model.folders.some(each =>
        model.associations.some(
          a => a.value.sourceObject === each.value.entryUUID && a.value.targetObject === target.entryUUID,
        ),
      )
    if (!(type === 'RPLC' && (inFolder || !filed.has(target.entryUUID)))) {
      submission.associations.push(
        anAssociation({ associationType: type, sourceObject: entry.entryUUID, targetObject: target.entryUUID }),
      )
    }
  }
  if (submission.associations.length === 0 && ours.length > 0) {
    submission.associations.push({
      ...heldBySet(submission, random.pick(ours).value.entryUUID),
      submissionSetStatus: 'Reference',
    })
  }
  // Now and then an entry of the other patient, by reference.
  const others = model.entries.filter(each => each.value.patientId !== patientId && each.status === 'Approved')
  if (others.length > 0 && random.below(8) === 0) {
    submission.associations.push({
      ...heldBySet(submission, random.pick(others).value.entryUUID),
      submissionSetStatus: 'Reference',
    })
  }
  return submission
}

/** What other transactions do: on-demand entries, older versions, deprecated Folders and Associations. */
async function age(random: Chance, model: Model, { sql }: TestRegistry): Promise<void> {
  for (const entry of model.entries) {
    if (random.below(5) === 0) {
      entry.onDemand = true
      await sql('UPDATE document_entries SET type = 2 WHERE entry_uuid = ?', entry.value.entryUUID)
    }
    if (random.below(5) === 0) {
      entry.latest = false
      await sql('UPDATE document_entries SET latest = 0 WHERE entry_uuid = ?', entry.value.entryUUID)
    }
  }
  for (const folder of model.folders) {
    if (random.below(4) > 0) continue
    folder.latest = random.below(2) === 0
    folder.status = 'Deprecated'
    await sql(
      'UPDATE folders SET latest = ?, status = 2 WHERE entry_uuid = ?',
      Number(folder.latest),
      folder.value.entryUUID,
    )
  }
  for (const association of model.associations) {
    if (random.below(6) > 0) continue
    association.status = 'Deprecated'
    await sql('UPDATE associations SET status = 2 WHERE entry_uuid = ?', association.value.entryUUID)
  }
}

async function randomRegistry(random: Chance): Promise<{ registry: TestRegistry; model: Model }> {
  const registry = await aRegistry({ maxResults: 10_000 })
  await registry.addPatient(...patients)
  const model = emptyModel()
  for (let count = 0; count < 14; count++) {
    const submission = randomSubmission(random, model)
    if (submission.associations.length === 0) continue
    const response = await registry.register(submission)
    const unexpected = codesOf(response).filter(code => code !== 'XDSRegistryMetadataError')
    expect(unexpected, JSON.stringify(response.errors)).to.deep.equal([])
    if (response.status === 'Success') add(model, submission)
    else expect(response.errors[0]?.codeContext).to.contain('a transformation')
  }
  await age(random, model, registry)
  return { registry, model }
}

function randomQuestion(random: Chance, model: Model): Asked {
  const codes = () => random.some(codeNames).map(code => `${code}^^${random.pick(schemes)}`)
  const groups = () => Array.from({ length: 1 + random.below(2) }, codes)
  const period = (): [string | undefined, string | undefined] => [
    random.maybe(() => random.pick(times)),
    random.maybe(() => random.pick(times)),
  ]
  const statuses = () => random.some(['Approved', 'Deprecated'])
  const objects = [...model.entries, ...model.sets, ...model.folders, ...model.associations]
  return {
    patientId: random.pick(patients),
    status: statuses(),
    setStatus: statuses(),
    folderStatus: statuses(),
    associationStatus: random.maybe(statuses),
    type: random.maybe(() => random.some(['stable', 'on-demand'] as const)),
    level: random.maybe(() => 1 + random.below(2)),
    classCode: random.maybe(codes),
    formatCode: random.maybe(codes),
    eventCodeList: random.maybe(groups),
    confidentialityCode: random.maybe(groups),
    codeList: random.maybe(groups),
    contentType: random.maybe(codes),
    sourceId: random.maybe(() => random.some(schemes)),
    authorPerson: random.maybe(() => random.some(patterns)),
    referenceIdList: [random.some([...references, 'r%', 'r_3%'])],
    creationTime: random.maybe(period),
    serviceStartTime: random.maybe(period),
    serviceStopTime: random.maybe(period),
    submissionTime: random.maybe(period),
    entryUUID: random
      .some(objects)
      .slice(0, 5)
      .map(each => each.value.entryUUID),
    associationTypes: random.some(['HasMember', 'RPLC', 'APND', 'XFRM', 'signs']),
  }
}

const list = (values: readonly string[] | undefined) =>
  values === undefined ? undefined : `(${values.map(quote).join()})`
const groupsOf = (groups: readonly string[][] | undefined) => groups?.map(group => [list(group) ?? ''])
const urns = (table: Readonly<Record<string, string>>, words: readonly string[] | undefined) =>
  list(words?.map(word => table[word] ?? word))
const period = (name: string, times: Asked['creationTime']) => ({
  [`${name}From`]: times?.[0] === undefined ? undefined : quote(times[0]),
  [`${name}To`]: times?.[1],
})

/** The question as a consumer writes it. */
function written(name: string, asked: Asked): QueryParameters {
  const entry = '$XDSDocumentEntry'
  const idsOf = (prefix: string, one: boolean) => ({
    [`${prefix}EntryUUID`]: one ? quote(asked.entryUUID?.[0] ?? '') : list(asked.entryUUID),
  })
  const common = {
    $MetadataLevel: asked.level === undefined ? undefined : String(asked.level),
    $XDSAssociationStatus: urns(statusTypes, asked.associationStatus),
    [`${entry}FormatCode`]: list(asked.formatCode),
    [`${entry}ConfidentialityCode`]: groupsOf(asked.confidentialityCode),
    [`${entry}Type`]: urns(documentEntryTypes, asked.type),
  }
  const criteria = {
    ...common,
    [`${entry}PatientId`]: quote(asked.patientId ?? ''),
    [`${entry}Status`]: urns(statusTypes, asked.status),
    [`${entry}ClassCode`]: list(asked.classCode),
    [`${entry}EventCodeList`]: groupsOf(asked.eventCodeList),
    [`${entry}AuthorPerson`]: list(asked.authorPerson),
    ...period(`${entry}CreationTime`, asked.creationTime),
    ...period(`${entry}ServiceStartTime`, asked.serviceStartTime),
    ...period(`${entry}ServiceStopTime`, asked.serviceStopTime),
  }
  switch (name) {
    case 'FindDocuments':
      return criteria
    case 'FindDocumentsByReferenceId':
      return { ...criteria, [`${entry}ReferenceIdList`]: groupsOf(asked.referenceIdList) }
    case 'FindSubmissionSets':
      return {
        $XDSSubmissionSetPatientId: quote(asked.patientId ?? ''),
        $XDSSubmissionSetStatus: urns(statusTypes, asked.status),
        $XDSSubmissionSetSourceId: list(asked.sourceId),
        $XDSSubmissionSetContentType: list(asked.contentType),
        $XDSSubmissionSetAuthorPerson:
          asked.authorPerson === undefined ? undefined : quote(asked.authorPerson[0] ?? ''),
        ...period('$XDSSubmissionSetSubmissionTime', asked.submissionTime),
      }
    case 'FindFolders':
      return {
        ...common,
        $XDSFolderPatientId: quote(asked.patientId ?? ''),
        $XDSFolderStatus: urns(statusTypes, asked.status),
        $XDSFolderCodeList: groupsOf(asked.codeList),
      }
    case 'GetAll':
      return {
        ...common,
        $patientId: quote(asked.patientId ?? ''),
        $XDSDocumentEntryStatus: urns(statusTypes, asked.status),
        $XDSSubmissionSetStatus: urns(statusTypes, asked.setStatus),
        $XDSFolderStatus: urns(statusTypes, asked.folderStatus),
      }
    case 'GetFolders':
      return { ...common, ...idsOf('$XDSFolder', false) }
    case 'GetAssociations':
    case 'GetSubmissionSets':
      return { ...common, $uuid: list(asked.entryUUID) }
    case 'GetSubmissionSetAndContents':
      return { ...common, ...idsOf('$XDSSubmissionSet', true) }
    case 'GetFolderAndContents':
      return { ...common, ...idsOf('$XDSFolder', true) }
    case 'GetFoldersForDocument':
    case 'GetRelatedDocuments':
      return { ...common, ...idsOf(entry, true), $AssociationTypes: urns(associationTypes, asked.associationTypes) }
    default:
      return { ...common, ...idsOf(entry, false) }
  }
}

const single = new Set([
  'GetSubmissionSetAndContents',
  'GetFolderAndContents',
  'GetFoldersForDocument',
  'GetRelatedDocuments',
])

/** The question as this query can ask it: one id, one pattern, the ids of objects of its kind. */
function fitting(name: string, asked: Asked, random: Chance, model: Model): Asked {
  const kinds: Readonly<Record<string, { value: { entryUUID: string } }[]>> = {
    GetFolders: model.folders,
    GetFolderAndContents: model.folders,
    GetSubmissionSetAndContents: model.sets,
    GetFoldersForDocument: model.entries,
    GetRelatedDocuments: model.entries,
  }
  const pool = kinds[name]
  const entryUUID =
    pool !== undefined && pool.length > 0 && random.below(5) > 0 ? [random.pick(pool).value.entryUUID] : asked.entryUUID
  return {
    ...asked,
    entryUUID: single.has(name) ? entryUUID?.slice(0, 1) : entryUUID,
    authorPerson: name === 'FindSubmissionSets' ? asked.authorPerson?.slice(0, 1) : asked.authorPerson,
  }
}

describe('stored queries and a plain filter', () => {
  it(`find the same in ${registries} random registries`, async function () {
    this.timeout(60_000 * patience)
    let nonEmpty = 0
    await fc.assert(
      fc.asyncProperty(fc.integer(), async seed => {
        const random = chance(seed)
        const { registry, model } = await randomRegistry(random)
        for (let count = 0; count < queriesEach; count++) {
          const name = random.pick(Object.keys(naive))
          const asked = fitting(name, randomQuestion(random, model), random, model)
          const response = await registry.query(name, written(name, asked), { returnType: 'ObjectRef' })
          const message = `${name} ${JSON.stringify(asked)} ${JSON.stringify(response.errors)}`
          expect(response.status, message).to.equal('Success')
          const found = decodedList(response.registryObjects).objectRefs.map(each => each.id)
          const expected = naive[name]?.(model, asked) ?? []
          expect(found.sort(), message).to.deep.equal([...new Set(expected)].sort())
          if (found.length > 0) nonEmpty++
        }
        await registry.close()
      }),
      { numRuns: registries },
    )
    // A check that only ever compares nothing with nothing proves nothing.
    expect(nonEmpty).to.be.greaterThan((registries * queriesEach) / 4)
  })
})
