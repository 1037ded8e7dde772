// Rules for ids: which may be given anew, and which name something that is there already. ITI TF-2 §3.42.4.1.3.
import { isSymbolic } from '../../metadata/entry-uuid.js'
import type { DocumentEntry, RegistryObjectValue } from '../../metadata/model.js'
import { quoted } from '../../metadata/words.js'
import { comparable } from '../comparable.js'
import type { Facts } from '../store/facts.js'
import type { RegisteredObject } from '../store/registered-object.js'
import type { Breach, PatientObject, Rule } from './rule.js'

/** [ITI TF-3:4.2.3.1.5] */
export const idsUniqueInMessage: Rule = {
  clause: 'ITI TF-3:4.2.3.1.5',
  breaches: ({ objects }) =>
    repeated(objects, object => object.entryUUID).map(object => ({
      code: 'XDSRegistryMetadataError',
      object,
      attribute: 'id',
      expected: 'an id once in a submission',
      found: quoted(object.entryUUID),
    })),
}

/** An id that is given stays with its object for good. [ITI TF-2:3.42.4.1.3.7] */
export const idsNotYetRegistered: Rule = {
  clause: 'ITI TF-2:3.42.4.1.3.7',
  breaches: ({ objects }, facts) =>
    objects
      .filter(object => !isSymbolic(object.entryUUID) && facts.objects.has(object.entryUUID))
      .map(object => ({
        code: 'XDSRegistryMetadataError',
        object,
        attribute: 'entryUUID',
        expected: 'a new UUID or a symbolic id',
        found: `the UUID of a ${facts.objects.get(object.entryUUID)?.kind} that is already registered`,
      })),
}

/** [ITI TF-3: Table 4.2.4.1-2] */
export const uniqueIdsUniqueInMessage: Rule = {
  clause: 'ITI TF-3: Table 4.2.4.1-2',
  breaches: ({ patientObjects }) =>
    repeated(patientObjects, object => comparable(object.uniqueId ?? '')).map(object => ({
      code: 'XDSRegistryDuplicateUniqueIdInMessage',
      object,
      attribute: 'uniqueId',
      expected: 'a uniqueId once in a submission',
      found: quoted(object.uniqueId ?? ''),
    })),
}

/** [ITI TF-2:3.42.4.1.3.3.7] */
export const uniqueIdsNotYetUsed: Rule = {
  clause: 'ITI TF-2:3.42.4.1.3.3.7',
  breaches: ({ submissionSets, folders }, facts) => used([...submissionSets, ...folders], facts),
}

/** A new version has the uniqueId of the former one; its SubmissionSet is new all the same. [ITI TF-2:3.42.4.1.3.3.7] */
export const setIdNotYetUsed: Rule = {
  clause: 'ITI TF-2:3.42.4.1.3.3.7',
  breaches: ({ submissionSets }, facts) => used(submissionSets, facts),
}

function used(objects: readonly PatientObject[], facts: Facts): Breach[] {
  return objects.flatMap((object): Breach[] => {
    const [used] = facts.uniqueIds.get(object.uniqueId ?? '') ?? []
    if (used === undefined) return []
    return [
      {
        code: 'XDSDuplicateUniqueIdInRegistry',
        object,
        attribute: 'uniqueId',
        expected: `a uniqueId that no object has yet`,
        found: `${quoted(object.uniqueId ?? '')}, in use by a ${used.kind}`,
      },
    ]
  })
}

/** Entries of one uniqueId stand for one document, as it is by now: an update may have changed hash and size. [ITI TF-2:3.42.4.1.3.3.1] */
export const sameDocument: Rule = {
  clause: 'ITI TF-2:3.42.4.1.3.3.1',
  breaches: ({ documentEntries, sound }, facts) =>
    documentEntries.flatMap((object): Breach[] => {
      const others = (facts.uniqueIds.get(object.uniqueId ?? '') ?? []).filter(other => other.version?.isLatest)
      const expected = (what: string) => `the ${what} registered for document ${quoted(object.uniqueId ?? '')}`
      const breaches: Breach[] = []
      if (sound(object, 'hash') && others.some(other => hasOtherHash(object, other))) {
        const found = quoted(object.hash ?? '')
        breaches.push({ code: 'XDSNonIdenticalHash', object, attribute: 'hash', expected: expected('hash'), found })
      }
      if (sound(object, 'size') && others.some(other => hasOtherSize(object, other))) {
        const found = quoted(object.size ?? '')
        breaches.push({ code: 'XDSNonIdenticalSize', object, attribute: 'size', expected: expected('size'), found })
      }
      return breaches
    }),
}

/** Of one uniqueId there are on-demand entries or stable ones, for the one never names a document. [ITI TF-2:3.61.4.1.3] */
export const notOfStableDocument: Rule = {
  clause: 'ITI TF-2:3.61.4.1.3',
  breaches: ({ documentEntries }, facts) =>
    documentEntries
      .filter(({ uniqueId = '' }) =>
        (facts.uniqueIds.get(uniqueId) ?? []).some(other => other.document?.objectType === 'stable'),
      )
      .map(object => ({
        code: 'XDSDuplicateUniqueIdInRegistry',
        object,
        attribute: 'uniqueId',
        expected: 'a uniqueId that no stable DocumentEntry has',
        found: `${quoted(object.uniqueId ?? '')}, the uniqueId of a stable DocumentEntry`,
      })),
}

function hasOtherHash({ hash }: DocumentEntry, { document }: RegisteredObject): boolean {
  return hash !== undefined && document?.hash !== undefined && hash.toLowerCase() !== document.hash
}

function hasOtherSize({ size }: DocumentEntry, { document }: RegisteredObject): boolean {
  return size !== undefined && document?.size !== undefined && BigInt(size) !== BigInt(document.size)
}

/** All but the first of those that share a name; an absent name is shared by nobody. */
function repeated<Value extends RegistryObjectValue | PatientObject>(
  objects: readonly Value[],
  nameOf: (object: Value) => string,
): Value[] {
  const seen = new Set<string>()
  return objects.filter(object => {
    const name = nameOf(object)
    if (name === '') return false
    const known = seen.has(name)
    seen.add(name)
    return known
  })
}
