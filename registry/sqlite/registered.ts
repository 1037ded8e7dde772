// A registered object as the rules see it: its own columns, and what leans on it.
import type { Store } from '../../store/store.js'
import type { Dependent, Reach, RegisteredObject } from '../store/registered-object.js'
import { kindNumbers, kindOf, statusOf, typeOf } from '../tables/columns.js'
import { patientOf } from '../tables/keys.js'
import type { Patients } from './patients.js'

/** Columns of an object's own table; which of them there are depends on its kind. */
interface ObjectRow {
  entry_uuid: string
  status: number
  lid: string
  version: number
  latest: number
  type: number | string
  hash: string | null
  size: string | null
  source: number
  target: number
}

/** By its key and the number of its kind; `isReplaced` where it stands at an end of a replacement. */
type Registered = (object: number, kind: number, isReplaced?: boolean) => RegisteredObject

export function registeredIn(store: Store, patients: Patients): Registered {
  const kindOfKey = store.prepare(
    `SELECT CASE
       WHEN EXISTS (SELECT 1 FROM document_entries WHERE object = ?1) THEN ${kindNumbers.DocumentEntry}
       WHEN EXISTS (SELECT 1 FROM submission_sets WHERE object = ?1) THEN ${kindNumbers.SubmissionSet}
       WHEN EXISTS (SELECT 1 FROM folders WHERE object = ?1) THEN ${kindNumbers.Folder}
       ELSE ${kindNumbers.Association} END AS kind`,
  )
  const rowOf: Readonly<Record<number, ReturnType<Store['prepare']>>> = {
    [kindNumbers.DocumentEntry]: store.prepare(
      'SELECT entry_uuid, lid, version, latest, status, type, hash, size FROM document_entries WHERE object = ?',
    ),
    [kindNumbers.SubmissionSet]: store.prepare('SELECT entry_uuid, status FROM submission_sets WHERE object = ?'),
    [kindNumbers.Folder]: store.prepare(
      'SELECT entry_uuid, lid, version, latest, status FROM folders WHERE object = ?',
    ),
    [kindNumbers.Association]: store.prepare(
      'SELECT entry_uuid, status, type, source, target FROM associations WHERE object = ?',
    ),
  }
  const isTransformation = store.prepare(
    `SELECT 1 FROM associations WHERE source = ? AND type = 'XFRM' AND status = 1 LIMIT 1`,
  )
  const dependents = store.prepare(
    `SELECT DISTINCT e.entry_uuid, e.object FROM associations a JOIN document_entries e ON e.object = a.source
     WHERE a.target = ? AND a.type IN ('XFRM', 'APND') AND a.status = 1 AND e.status = 1`,
  )
  const folders = store.prepare(
    `SELECT DISTINCT f.entry_uuid, f.object FROM associations a JOIN folders f ON f.object = a.source
     WHERE a.target = ? AND a.type = 'HasMember' AND a.status = 1 AND f.status = 1`,
  )

  function reachOf(object: number, entryUUID: string): Reach {
    return {
      dependents: leaningOn(object, entryUUID),
      folders: folders.all<{ entry_uuid: string; object: number }>(object).map(folder => ({
        entryUUID: folder.entry_uuid,
        patientId: patients.survivingIdOf(patientOf(folder.object)),
      })),
    }
  }

  function leaningOn(object: number, entryUUID: string): Dependent[] {
    const found: Dependent[] = []
    const asked = new Map([[object, entryUUID]])
    for (const [target, of] of asked) {
      for (const { entry_uuid, object: source } of dependents.all<{ entry_uuid: string; object: number }>(target)) {
        found.push({ entryUUID: entry_uuid, of })
        asked.set(source, entry_uuid)
      }
    }
    return found
  }

  function kindAt(object: number): RegisteredObject['kind'] {
    const row = kindOfKey.get<{ kind: number }>(object)
    if (row === undefined) throw new Error(`the database has an Association with ${object}, which is not there`)
    return kindOf(row.kind)
  }

  return (object, kind, isReplaced = false) => {
    const row = rowOf[kind]?.get<ObjectRow>(object)
    if (row === undefined) throw new Error(`the database routes to object ${object}, which is not there`)
    const described: RegisteredObject = {
      entryUUID: row.entry_uuid,
      kind: kindOf(kind),
      patientId: patients.survivingIdOf(patientOf(object)),
      availabilityStatus: statusOf(row.status),
    }
    if (kind === kindNumbers.DocumentEntry || kind === kindNumbers.Folder) {
      described.version = { logicalID: row.lid, number: row.version, isLatest: row.latest === 1 }
    }
    if (kind === kindNumbers.DocumentEntry) {
      described.document = {
        objectType: typeOf(Number(row.type)),
        hash: row.hash ?? undefined,
        size: row.size ?? undefined,
        isTransformation: isTransformation.get(object) !== undefined,
      }
      if (isReplaced) described.document.reach = reachOf(object, row.entry_uuid)
    }
    if (kind === kindNumbers.Association) {
      described.association = {
        associationType: String(row.type),
        source: kindAt(row.source),
        target: kindAt(row.target),
      }
    }
    return described
  }
}
