// A submission as it will be kept: every id final, every attribute as the registry sets it. ITI TF-2 §3.42.4.1.3.
import { isSymbolic } from '../metadata/entry-uuid.js'
import type { Association, AvailabilityStatus, RegistryObjectValue, Submission } from '../metadata/model.js'

export interface Registering {
  newUuid(): string
  homeCommunityId: string | undefined
}

/** Objects are Approved, of version 1, their lid is their id. [ITI TF-2:3.42.4.1.3.3.5] */
export function registrable(submission: Submission, registering: Registering): Submission {
  const { object, association } = registrarFor(registering)
  return {
    submissionSets: submission.submissionSets.map(set => object(set)),
    documentEntries: submission.documentEntries.map(entry => object(entry)),
    folders: submission.folders.map(folder => object(folder)),
    associations: submission.associations.map(each => association(each)),
    findings: [],
  }
}

/** What is not the first version says so. */
export interface VersionToBe {
  logicalID: string
  version: number
  availabilityStatus: AvailabilityStatus
}

export interface Registrar {
  finalId(id: string): string
  object<Value extends Exclude<RegistryObjectValue, Association>>(object: Value, version?: VersionToBe): Value
  association(association: Association, changes?: Partial<Association>): Association
}

/** Symbolic ids become UUIDs, the same symbol the same UUID everywhere; given UUIDs stay. [ITI TF-2:3.42.4.1.3.7] */
export function registrarFor({ newUuid, homeCommunityId }: Registering): Registrar {
  const finalIds = new Map<string, string>()
  const finalId = (id: string): string => {
    if (!isSymbolic(id)) return id
    const known = finalIds.get(id)
    if (known !== undefined) return known
    const made = newUuid()
    finalIds.set(id, made)
    return made
  }
  // An Association without an id is nobody's end, so that its new one need not be found again.
  const own = (object: RegistryObjectValue) => (object.entryUUID === '' ? newUuid() : finalId(object.entryUUID))

  // A registry that was not told its community keeps what it is told. [ITI TF-2:3.42.4.1.3]
  const home = (object: RegistryObjectValue) => ({ homeCommunityId: homeCommunityId ?? object.homeCommunityId })

  return {
    finalId,
    object(object, version) {
      const entryUUID = own(object)
      const first: VersionToBe = { logicalID: entryUUID, version: 1, availabilityStatus: 'Approved' }
      return Object.assign({}, object, home(object), { entryUUID }, version ?? first)
    },
    association: (association, changes) =>
      Object.assign(
        {},
        association,
        home(association),
        {
          entryUUID: own(association),
          sourceObject: finalId(association.sourceObject),
          targetObject: finalId(association.targetObject),
          availabilityStatus: 'Approved' as const,
        },
        changes,
      ),
  }
}
