// The stored queries once more, as plain filters over arrays, written from the specification and not from the registry:
// what the registry finds must be what this finds.
import type { Association, DocumentEntry, Folder, Submission, SubmissionSet } from '../../../metadata/model.js'

export interface Kept<Value> {
  value: Value
  status: 'Approved' | 'Deprecated'
  latest: boolean
  onDemand: boolean
}

export interface Model {
  entries: Kept<DocumentEntry>[]
  sets: Kept<SubmissionSet>[]
  folders: Kept<Folder>[]
  associations: Kept<Association>[]
}

/** Values as a query means them; `and` of `or` where both are possible. */
export interface Asked {
  patientId?: string
  status?: string[]
  setStatus?: string[]
  folderStatus?: string[]
  associationStatus?: string[]
  type?: ('stable' | 'on-demand')[]
  level?: number
  classCode?: string[]
  formatCode?: string[]
  eventCodeList?: string[][]
  confidentialityCode?: string[][]
  codeList?: string[][]
  contentType?: string[]
  sourceId?: string[]
  authorPerson?: string[]
  referenceIdList?: string[][]
  creationTime?: [string | undefined, string | undefined]
  serviceStartTime?: [string | undefined, string | undefined]
  serviceStopTime?: [string | undefined, string | undefined]
  submissionTime?: [string | undefined, string | undefined]
  entryUUID?: string[]
  uniqueId?: string[]
  associationTypes?: string[]
}

export function emptyModel(): Model {
  return { entries: [], sets: [], folders: [], associations: [] }
}

export function add(model: Model, submission: Submission): void {
  const kept = <Value>(value: Value): Kept<Value> => ({ value, status: 'Approved', latest: true, onDemand: false })
  for (const each of submission.associations) {
    if (each.associationType !== 'RPLC' && each.associationType !== 'XFRM_RPLC') continue
    endWithAddenda(model, each.targetObject)
  }
  model.entries.push(...submission.documentEntries.map(kept))
  model.sets.push(...submission.submissionSets.map(kept))
  model.folders.push(...submission.folders.map(kept))
  model.associations.push(...submission.associations.map(kept))
}

/** The entry ends, with what was added to it or made of it, and so on; what has ended already has taken its own along. */
function endWithAddenda(model: Model, entryUUID: string): void {
  const entry = model.entries.find(each => each.value.entryUUID === entryUUID)
  if (entry?.status !== 'Approved') return
  entry.status = 'Deprecated'
  for (const { value } of model.associations) {
    if (!['XFRM', 'APND'].includes(value.associationType) || value.targetObject !== entryUUID) continue
    endWithAddenda(model, value.sourceObject)
  }
}

export const naive: Readonly<Record<string, (model: Model, asked: Asked) => string[]>> = {
  FindDocuments: (model, asked) => ids(ofPatient(model.entries, asked).filter(entry => matches(entry, asked))),
  FindDocumentsByReferenceId: (model, asked) =>
    ids(
      ofPatient(model.entries, asked).filter(
        entry =>
          matches(entry, asked) &&
          (asked.referenceIdList ?? []).every(or =>
            entry.value.referenceIdList.some(id => or.some(like => isLike(id, like))),
          ),
      ),
    ),
  FindSubmissionSets: (model, asked) =>
    ids(
      ofPatient(model.sets, asked).filter(
        ({ value, status }) =>
          (asked.status ?? []).includes(status) &&
          (asked.sourceId?.includes(value.sourceId ?? '') ?? true) &&
          hasCode(value.contentTypeCode, asked.contentType) &&
          within(value.submissionTime, asked.submissionTime) &&
          hasAuthor(value.author, asked.authorPerson),
      ),
    ),
  FindFolders: (model, asked) =>
    ids(
      ofPatient(model.folders, asked).filter(
        folder =>
          (asked.status ?? []).includes(folder.status) &&
          isShown(folder, asked) &&
          hasCodes(folder.value.codeList, asked.codeList),
      ),
    ),
  GetAll(model, asked) {
    const found = [
      ...ofPatient(model.sets, asked).filter(({ status }) => asked.setStatus?.includes(status)),
      ...ofPatient(model.entries, asked).filter(each => asked.status?.includes(each.status) && passes(each, asked)),
      ...ofPatient(model.folders, asked).filter(
        each => asked.folderStatus?.includes(each.status) && isShown(each, asked),
      ),
    ]
    return ids([...found, ...touching(model, asked, ids(found))])
  },
  GetDocuments: (model, asked) => ids(byId(model.entries, asked).filter(entry => isShown(entry, asked))),
  GetFolders: (model, asked) => ids(byId(model.folders, asked).filter(folder => isShown(folder, asked))),
  GetAssociations: (model, asked) => ids(touching(model, asked, asked.entryUUID ?? [])),
  GetDocumentsAndAssociations(model, asked) {
    const entries = byId(model.entries, asked).filter(entry => isShown(entry, asked))
    return ids([...entries, ...touching(model, asked, ids(entries))])
  },
  GetSubmissionSets(model, asked) {
    const members = model.associations.filter(
      each =>
        each.value.associationType === 'HasMember' &&
        asked.entryUUID?.includes(each.value.targetObject) &&
        model.sets.some(set => set.value.entryUUID === each.value.sourceObject) &&
        isInForce(each, asked),
    )
    const sets = model.sets.filter(set => members.some(each => each.value.sourceObject === set.value.entryUUID))
    return ids([...sets, ...members])
  },
  GetSubmissionSetAndContents(model, asked) {
    const sets = byId(model.sets, asked)
    const members = model.associations.filter(
      each =>
        each.value.associationType === 'HasMember' &&
        ids(sets).includes(each.value.sourceObject) &&
        isInForce(each, asked),
    )
    const held = members.map(each => each.value.targetObject)
    const objects = [
      ...sets,
      ...model.entries.filter(each => held.includes(each.value.entryUUID) && passes(each, asked)),
      ...model.folders.filter(each => held.includes(each.value.entryUUID) && isShown(each, asked)),
    ]
    const submitted = model.associations.filter(
      each => held.includes(each.value.entryUUID) && isInForce(each, asked) && joins(each, ids(objects)),
    )
    const all = [...ids(objects), ...ids(submitted)]
    return [...all, ...ids(members.filter(each => joins(each, all)))]
  },
  GetFolderAndContents(model, asked) {
    const folders = byId(model.folders, asked).filter(folder => isShown(folder, asked))
    const members = touching(model, asked, ids(folders)).filter(
      each => each.value.associationType === 'HasMember' && ids(folders).includes(each.value.sourceObject),
    )
    const held = members.map(each => each.value.targetObject)
    const entries = model.entries.filter(each => held.includes(each.value.entryUUID) && passes(each, asked))
    const objects = ids([...folders, ...entries])
    return [...objects, ...ids(members.filter(each => joins(each, objects)))]
  },
  GetFoldersForDocument(model, asked) {
    const entries = ids(byId(model.entries, asked))
    const holders = touching(model, asked, entries)
      .filter(each => each.value.associationType === 'HasMember' && entries.includes(each.value.targetObject))
      .map(each => each.value.sourceObject)
    return ids(model.folders.filter(each => holders.includes(each.value.entryUUID) && isShown(each, asked)))
  },
  GetRelatedDocuments(model, asked) {
    const shown = ids(model.entries.filter(entry => hasType(entry, asked) && isShown(entry, asked)))
    const relations = touching(model, asked, ids(byId(model.entries, asked))).filter(
      each => asked.associationTypes?.includes(each.value.associationType) && joins(each, shown),
    )
    const ends = relations.flatMap(each => [each.value.sourceObject, each.value.targetObject])
    return [...ids(model.entries).filter(id => ends.includes(id)), ...ids(relations)]
  },
}

interface Identified {
  entryUUID: string
}

function ids(found: readonly Kept<Identified>[]): string[] {
  return found.map(each => each.value.entryUUID)
}

function ofPatient<Value extends { patientId?: string }>(kept: Kept<Value>[], asked: Asked): Kept<Value>[] {
  return kept.filter(each => each.value.patientId === asked.patientId)
}

function byId<Value extends Identified & { uniqueId?: string }>(kept: Kept<Value>[], asked: Asked): Kept<Value>[] {
  return kept.filter(({ value }) =>
    asked.entryUUID !== undefined
      ? asked.entryUUID.includes(value.entryUUID)
      : asked.uniqueId?.includes(value.uniqueId ?? ''),
  )
}

function touching(model: Model, asked: Asked, objects: string[]): Kept<Association>[] {
  return model.associations.filter(
    each =>
      (objects.includes(each.value.sourceObject) || objects.includes(each.value.targetObject)) &&
      (asked.associationStatus ?? ['Approved']).includes(each.status) &&
      isInForce(each, asked),
  )
}

function joins({ value }: Kept<Association>, objects: string[]): boolean {
  return objects.includes(value.sourceObject) && objects.includes(value.targetObject)
}

function isInForce(association: Kept<Association>, asked: Asked): boolean {
  return asked.level === 2 || association.status === 'Approved'
}

function isShown({ value, status, latest }: Kept<DocumentEntry | Folder>, asked: Asked): boolean {
  if (asked.level === 2) return true
  if (value.kind === 'Folder') return latest && status === 'Approved'
  return latest && value.documentAvailability?.endsWith(':Offline') !== true
}

function hasType(entry: Kept<unknown>, asked: Asked): boolean {
  return (asked.type ?? ['stable']).includes(entry.onDemand ? 'on-demand' : 'stable')
}

function passes(entry: Kept<DocumentEntry>, asked: Asked): boolean {
  return (
    isShown(entry, asked) &&
    hasType(entry, asked) &&
    hasCode(entry.value.formatCode, asked.formatCode) &&
    hasCodes(entry.value.confidentialityCode, asked.confidentialityCode)
  )
}

function matches(entry: Kept<DocumentEntry>, asked: Asked): boolean {
  const { value } = entry
  return (
    passes(entry, asked) &&
    (asked.status ?? []).includes(entry.status) &&
    hasCode(value.classCode, asked.classCode) &&
    hasCodes(value.eventCodeList, asked.eventCodeList) &&
    hasAuthor(value.author, asked.authorPerson) &&
    (entry.onDemand || within(value.creationTime, asked.creationTime)) &&
    (value.serviceStartTime === undefined || within(value.serviceStartTime, asked.serviceStartTime)) &&
    (value.serviceStopTime === undefined || within(value.serviceStopTime, asked.serviceStopTime))
  )
}

interface Coded {
  code: string
  codingScheme: string
}

function hasCode(code: Coded | undefined, wanted: string[] | undefined): boolean {
  return wanted === undefined || wanted.includes(`${code?.code}^^${code?.codingScheme}`)
}

function hasCodes(codes: Coded[], wanted: string[][] | undefined): boolean {
  return (wanted ?? []).every(or => codes.some(code => hasCode(code, or)))
}

function hasAuthor(authors: { authorPerson?: string }[], patterns: string[] | undefined): boolean {
  if (patterns === undefined) return true
  return authors.some(({ authorPerson }) => patterns.some(pattern => isLike(authorPerson ?? '', pattern)))
}

function isLike(text: string, pattern: string): boolean {
  const literally = (part: string) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  const parts = [...pattern].map(char => (char === '%' ? '.*' : char === '_' ? '.' : literally(char)))
  return new RegExp(`^${parts.join('')}$`, 'su').test(text)
}

function within(
  time: string | undefined,
  [from, to]: [string | undefined, string | undefined] = [undefined, undefined],
) {
  const padded = (text: string) => text.padEnd(14, '00000101000000'.slice(text.length))
  const at = padded(time ?? '')
  return (from === undefined || at >= padded(from)) && (to === undefined || at < padded(to))
}
