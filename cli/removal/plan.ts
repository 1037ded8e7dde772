// What has to go together, so that a registry lets it go: found by asking it. docs/decisions/0121, 0123.
import type { Association, DocumentEntry, RegistryObjectValue, SubmissionSet } from '../../metadata/model.js'
import type { Looks } from '../administration.js'

export interface RemovalPlan {
  /** For ITI-62, each with why it goes; those that were asked for first. */
  objects: PlannedObject[]
  /** For ITI-86. */
  documents: PlannedDocument[]
  /** In words: documents whose bytes stay, and why. */
  staying: string[]
}

export interface PlannedObject {
  entryUUID: string
  kind: RegistryObjectValue['kind']
  /** For people: a title, an id, a type. */
  name: string
  why: Why
}

/** `dependent`: an entry that nobody asked for and that cannot stay. */
export type Why = 'asked' | 'member' | 'joined' | 'empty' | 'dependent'

export interface PlannedDocument {
  repositoryUniqueId: string
  uniqueId: string
}

const derivations: ReadonlySet<string> = new Set(['XFRM', 'signs', 'IsSnapshotOf'])

/** `asked` are entryUUIDs of DocumentEntries, SubmissionSets and Folders. */
export async function planRemoval(asked: readonly string[], looks: Looks): Promise<RemovalPlan> {
  const going = new Map<string, Why>(asked.map(id => [id, 'asked']))
  const known = new Map<string, Association>()
  const looked = new Set<string>()
  const sets = new Map<string, SubmissionSet | undefined>()

  async function look(ids: Iterable<string>): Promise<void> {
    const fresh = [...new Set(ids)].filter(id => !looked.has(id))
    for (const id of fresh) looked.add(id)
    for (const each of await looks.associations(fresh)) known.set(each.entryUUID, each)
  }

  /** Whether something joined those that go. */
  async function grow(): Promise<boolean> {
    const before = going.size
    await look(going.keys())
    const add = (id: string, why: Why) => going.has(id) || going.set(id, why)
    for (const { entryUUID, sourceObject, targetObject } of known.values()) {
      if (going.has(sourceObject) || going.has(targetObject)) add(entryUUID, 'joined')
    }
    const leaving = [...known.values()].filter(({ entryUUID }) => going.has(entryUUID))
    for (const { associationType, sourceObject } of leaving) {
      if (derivations.has(associationType)) add(sourceObject, 'dependent')
    }
    for (const set of await submissionSetsAmong(leaving)) {
      const members = membersOf(set)
      if (going.has(set)) {
        for (const each of members) if (each.submissionSetStatus !== 'Reference') add(each.targetObject, 'member')
      } else if (members.every(({ entryUUID }) => going.has(entryUUID))) add(set, 'empty')
    }
    return going.size > before
  }

  function membersOf(set: string): Association[] {
    return [...known.values()].filter(each => each.associationType === 'HasMember' && each.sourceObject === set)
  }

  /** What holds others by HasMember is a Folder or a SubmissionSet; of the latter all members have to be known. */
  async function submissionSetsAmong(associations: readonly Association[]): Promise<string[]> {
    const memberships = associations.filter(({ associationType }) => associationType === 'HasMember')
    for (const { sourceObject: id } of memberships) {
      if (!sets.has(id)) sets.set(id, await looks.submissionSet({ entryUUID: id }))
    }
    const found = memberships.map(({ sourceObject }) => sourceObject).filter(id => sets.get(id) !== undefined)
    await look(found)
    return [...new Set(found)]
  }

  while (await grow());

  const entries = await looks.documentEntries({ entryUUIDs: [...going.keys()] })
  const folders = await looks.folders([...going.keys()])
  const submissionSets = [...sets.values()].filter(set => set !== undefined)
  const found = new Map([...entries, ...folders, ...submissionSets].map(object => [object.entryUUID, object]))
  const objects = [...going].map(([entryUUID, why]): PlannedObject => {
    const object = found.get(entryUUID)
    if (object !== undefined) return { entryUUID, why, kind: object.kind, name: nameOf(object) }
    return { entryUUID, why, kind: 'Association', name: known.get(entryUUID)?.associationType ?? entryUUID }
  })
  return { objects, ...(await documentsOf(entries, new Set(going.keys()), looks)) }
}

/** A document goes when nothing in the registry describes it any more. */
async function documentsOf(
  entries: readonly DocumentEntry[],
  going: ReadonlySet<string>,
  looks: Looks,
): Promise<Pick<RemovalPlan, 'documents' | 'staying'>> {
  const documents = new Map<string, PlannedDocument>()
  const staying: string[] = []
  for (const { uniqueId, repositoryUniqueId, objectType } of entries) {
    if (uniqueId === undefined || repositoryUniqueId === undefined || objectType === 'on-demand') continue
    if (documents.has(uniqueId)) continue
    const others = (await looks.documentEntries({ uniqueId })).filter(({ entryUUID }) => !going.has(entryUUID))
    if (others.length === 0) documents.set(uniqueId, { repositoryUniqueId, uniqueId })
    else staying.push(`${uniqueId}, which ${others.map(({ entryUUID }) => entryUUID).join(', ')} describes too`)
  }
  return { documents: [...documents.values()], staying: [...new Set(staying)] }
}

function nameOf({ title, uniqueId, entryUUID }: Pick<DocumentEntry, 'title' | 'uniqueId' | 'entryUUID'>): string {
  return [title?.[0]?.value, uniqueId ?? entryUUID].filter(Boolean).join(', ')
}
