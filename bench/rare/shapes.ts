// Shapes of a registry that are rare and may grow for years, with the requests that meet them.
import type { DocumentEntry, RegistryError, Submission } from '../../metadata/model.js'
import { approved, quote, type TestRegistry } from '../../test/registry/a-registry.js'
import { heldBySet, replacing } from '../../test/registry/submissions.js'
import { addStatusOrder, approving, aRequest } from '../../test/registry/updates.js'
import { aDocumentEntry, aFolder, anAssociation, aSubmission, samplePatientId } from '../../test/samples/submission.js'

/** What is timed. */
export type Ask = () => Promise<{ errors?: readonly RegistryError[] }>

export interface Grown {
  grow(from: number, to: number): Promise<void>
  /** Each makes the next request of its kind ready. */
  requests: Readonly<Record<string, () => Promise<Ask> | Ask>>
}

export interface Shape {
  /** Whether the domain hides some entries from queries, as CH-EPR does. */
  hides?: true
  begin(registry: TestRegistry): Promise<Grown>
}

export const list = (...texts: string[]) => `(${texts.map(quote).join(',')})`
export const references = { returnType: 'ObjectRef' }
const relations = list(...['APND', 'XFRM', 'RPLC'].map(type => `urn:ihe:iti:2007:AssociationType:${type}`))
const together = 500

export const relationShapes: Readonly<Record<string, Shape>> = {
  'a chain of replacements': {
    async begin(registry) {
      let head = await firstEntry(registry)
      const next = () => {
        const submission = replacing(head.entryUUID)
        head = submission.documentEntries[0] as DocumentEntry
        return submission
      }
      return {
        async grow(from, to) {
          for (let at = from; at < to; at++) await kept(registry, next())
        },
        requests: {
          'one more replacement': () => registering(registry, next()),
          'its status, and back (ITI-57)': () => thereAndBack(registry, head.entryUUID),
          GetRelatedDocuments: () => related(registry, head),
          GetAssociations: () => () => registry.query('GetAssociations', { $uuid: list(head.entryUUID) }, references),
          FindDocuments: () => findDocuments(registry),
        },
      }
    },
  },
  'addenda of a document': {
    async begin(registry) {
      const first = await firstEntry(registry)
      const addenda = (count: number, type = 'APND') => relatedTo([first.entryUUID], type, count)
      return {
        grow: (from, to) => inPortions(from, to, count => kept(registry, addenda(count))),
        requests: {
          'one more addendum': () => registering(registry, addenda(1)),
          'one more transformation': () => registering(registry, addenda(1, 'XFRM')),
          'an addendum removed (ITI-62)': async () => removing(registry, await kept(registry, addenda(1))),
          'its status, and back (ITI-57)': () => thereAndBack(registry, first.entryUUID),
          'GetRelatedDocuments, all': () => related(registry, first),
        },
      }
    },
  },
  'many replaced in one submission': {
    async begin(registry) {
      let last: Submission | undefined
      return {
        async grow(_, to) {
          last = aSubmission({ documentEntries: entries(Math.min(to, 3_000)) })
          await kept(registry, last)
        },
        requests: {
          'all of them replaced (3,000 at most)': () => {
            const next = relatedTo(
              (last as Submission).documentEntries.map(each => each.entryUUID),
              'RPLC',
              1,
            )
            last = next
            return registering(registry, next)
          },
        },
      }
    },
  },
  'a Folder of many': {
    async begin(registry) {
      const folder = aFolder()
      await kept(registry, aSubmission({ documentEntries: [], folders: [folder] }))
      const more = (count: number) => placed(entries(count), [folder.entryUUID])
      const id = { $XDSFolderEntryUUID: quote(folder.entryUUID) }
      return {
        grow: (from, to) => inPortions(from, to, count => kept(registry, more(count))),
        requests: {
          'one more entry': () => registering(registry, more(1)),
          'an entry removed (ITI-62)': async () => removing(registry, await kept(registry, more(1))),
          'an entry replaced': async () =>
            registering(registry, replacing((await kept(registry, more(1))).documentEntries[0]?.entryUUID ?? '')),
          'its status, and back (ITI-57)': () => thereAndBack(registry, folder.entryUUID),
          GetFolders: () => () => registry.query('GetFolders', { $XDSFolderEntryUUID: list(folder.entryUUID) }),
          FindFolders: () => () =>
            registry.query('FindFolders', { $XDSFolderPatientId: quote(samplePatientId), $XDSFolderStatus: approved }),
          'GetFolderAndContents, all': () => () => registry.query('GetFolderAndContents', id, references),
        },
      }
    },
  },
  'a document in many Folders': {
    async begin(registry) {
      const first = await firstEntry(registry)
      const more = (count: number) => {
        const folders = Array.from({ length: count }, () => aFolder())
        const submission = aSubmission({ documentEntries: [], folders })
        for (const { entryUUID } of folders) hold(submission, entryUUID, first.entryUUID)
        return submission
      }
      return {
        grow: (from, to) => inPortions(from, to, count => kept(registry, more(count))),
        requests: {
          'one more Folder': () => registering(registry, more(1)),
          'in another that is there': async () => {
            const folder = aFolder()
            await kept(registry, aSubmission({ documentEntries: [], folders: [folder] }))
            const submission = aSubmission({ documentEntries: [] })
            hold(submission, folder.entryUUID, first.entryUUID)
            return registering(registry, submission)
          },
          'an addendum to it': () => registering(registry, relatedTo([first.entryUUID], 'APND', 1)),
          'GetFoldersForDocument, all': () => () =>
            registry.query('GetFoldersForDocument', { $XDSDocumentEntryEntryUUID: quote(first.entryUUID) }, references),
        },
      }
    },
  },
}

export function entries(count: number): DocumentEntry[] {
  return Array.from({ length: count }, () => aDocumentEntry())
}

export async function firstEntry(registry: TestRegistry): Promise<DocumentEntry> {
  return (await kept(registry, aSubmission())).documentEntries[0] as DocumentEntry
}

/** @throws Error for one that is refused. */
export async function kept(registry: TestRegistry, submission: Submission): Promise<Submission> {
  const { errors } = await registry.register(submission)
  const refused = errors.find(({ severity }) => severity === 'Error')
  if (refused !== undefined) throw new Error(refused.codeContext)
  return submission
}

export const registering = (registry: TestRegistry, submission: Submission) => () => registry.register(submission)
export const updating = (registry: TestRegistry, request: Submission) => () => registry.update(request)

export const removing = (registry: TestRegistry, submission: Submission) => () => {
  const { submissionSets, documentEntries, folders, associations } = submission
  const all = [...submissionSets, ...documentEntries, ...folders, ...associations]
  return registry.remove(...all.map(({ entryUUID }) => entryUUID))
}

export function findDocuments(registry: TestRegistry, more: Record<string, string | string[]> = {}): Ask {
  const given = { $XDSDocumentEntryPatientId: quote(samplePatientId), $XDSDocumentEntryStatus: approved, ...more }
  return () => registry.query('FindDocuments', given, references)
}

export async function inPortions(from: number, to: number, add: (count: number) => Promise<unknown>): Promise<void> {
  for (let at = from; at < to; at += together) await add(Math.min(together, to - at))
}

function related(registry: TestRegistry, { entryUUID }: DocumentEntry): Ask {
  const given = { $XDSDocumentEntryEntryUUID: quote(entryUUID), $AssociationTypes: relations }
  return () => registry.query('GetRelatedDocuments', given, references)
}

/** As many new entries for each of the targets. */
function relatedTo(targets: readonly string[], associationType: string, count: number): Submission {
  const submission = aSubmission({ documentEntries: entries(count * targets.length) })
  submission.documentEntries.forEach(({ entryUUID: sourceObject }, index) => {
    const targetObject = targets[index % targets.length] ?? ''
    submission.associations.push(anAssociation({ associationType, sourceObject, targetObject }))
  })
  return submission
}

function placed(documentEntries: DocumentEntry[], folders: readonly string[]): Submission {
  const submission = aSubmission({ documentEntries })
  for (const folder of folders) for (const { entryUUID } of documentEntries) hold(submission, folder, entryUUID)
  return submission
}

function hold(submission: Submission, sourceObject: string, targetObject: string): void {
  const holds = anAssociation({ sourceObject, targetObject })
  submission.associations.push(holds, heldBySet(submission, holds.entryUUID))
}

function thereAndBack(registry: TestRegistry, entryUUID: string): Ask {
  const [there, back] = [aRequest(), aRequest()]
  addStatusOrder(there, entryUUID)
  addStatusOrder(back, entryUUID, approving)
  return async () => {
    const { errors } = await registry.update(there)
    return errors.length > 0 ? { errors } : registry.update(back)
  }
}
