// Rules for Remove Metadata: what may go, and what has to go with it. ITI TF-2 §3.62.4.1.2, §3.62.4.1.3 (RMD); docs/decisions/0121.
import type { Finding } from '../../metadata/model.js'
import { labelOf } from '../../metadata/registry-object-list.js'
import { counted, quoted } from '../../metadata/words.js'
import { heldInWords } from '../../server/holds.js'
import type { RemoveMetadataRequest } from '../../transactions/xds-messages.js'
import type { RemovableAssociation, RemovableObject, RemovalFacts } from '../store/removal.js'

export interface RemovalRule {
  /** Clause tag. */
  clause: string
  breaches(asked: RemovalAsked, facts: RemovalFacts): RemovalBreach[]
}

type RemovalBreach = Omit<Finding, 'rule'>

/** A request, indexed for the rules. */
export interface RemovalAsked extends RemoveMetadataRequest {
  named: ReadonlySet<string>
}

/** [ITI TF-2:3.62.4.1.2] */
const onlyReferences: RemovalRule = {
  clause: 'ITI TF-2:3.62.4.1.2',
  breaches: ({ deletionScope, hasQuery }) => [
    ...(hasQuery ? [misshapen('AdhocQuery', 'no AdhocQuery: objects are named by ObjectRef', 'one')] : []),
    ...(deletionScope === undefined
      ? []
      : [misshapen('deletionScope', 'no deletionScope: named objects go whole', quoted(deletionScope))]),
  ],
}

/** [ITI TF-2:3.62.4.1.2] */
const somethingNamed: RemovalRule = {
  clause: 'ITI TF-2:3.62.4.1.2',
  breaches: ({ named }) =>
    named.size > 0 ? [] : [misshapen('ObjectRefList', 'an ObjectRef for each object to remove', 'none')],
}

/** [ITI TF-2:3.62.4.1.3] */
const namedIsThere: RemovalRule = {
  clause: 'ITI TF-2:3.62.4.1.3',
  breaches: ({ named }, { objects }) =>
    [...named]
      .filter(id => !objects.has(id))
      .map(id => ({
        code: 'UnresolvedReferenceException',
        object: `ObjectRef ${quoted(id)}`,
        expected: 'the entryUUID of an object in the registry',
        found: 'no object of that id',
        location: id,
      })),
}

/** Of an object that goes nothing may speak any more. [ITI TF-2:3.62.4.1.3] */
const nothingRefersToIt: RemovalRule = {
  clause: 'ITI TF-2:3.62.4.1.3',
  breaches: ({ named }, { objects, touching }) =>
    [...objects.values()].flatMap(object => {
      const staying = (touching.get(object.entryUUID) ?? []).filter(({ entryUUID }) => !named.has(entryUUID))
      if (staying.length === 0) return []
      return [
        {
          code: 'ReferencesExistException' as const,
          object: nameOf(object),
          expected: 'every Association that begins or ends at it to be removed with it',
          found: listed(staying),
          location: object.entryUUID,
        },
      ]
    }),
}

/** What a SubmissionSet brought is a member of it for good. [ITI TF-2:3.62.4.1.3] */
const membershipGoesWithItsTarget: RemovalRule = {
  clause: 'ITI TF-2:3.62.4.1.3',
  breaches: ({ named }, facts) =>
    namedAssociations(facts)
      .filter(each => each.associationType === 'HasMember' && each.source.kind === 'SubmissionSet')
      .filter(each => !each.byReference && !named.has(each.target.entryUUID))
      .map(each => ({
        code: 'XDSUnreferencedObjectException',
        object: nameOf({ ...each, kind: 'Association' }),
        expected: 'what a SubmissionSet holds as its own to be removed with the HasMember',
        found: `${nameOf(each.target)}, which would stay without its SubmissionSet`,
        location: each.target.entryUUID,
      })),
}

/** [ITI TF-2:3.62.4.1.3] */
const submissionSetKeepsAMember: RemovalRule = {
  clause: 'ITI TF-2:3.62.4.1.3',
  breaches: (_, { membersLeft }) =>
    [...membersLeft]
      .filter(([, left]) => left === 0)
      .map(([entryUUID]) => ({
        code: 'XDSUnreferencedObjectException',
        object: nameOf({ kind: 'SubmissionSet', entryUUID }),
        expected: 'a member to stay in it, or the SubmissionSet to be removed too',
        found: 'all its HasMember Associations among those to remove',
        location: entryUUID,
      })),
}

/** What says what a document was made from is part of that document. [ITI TF-2:3.62.4.1.3] */
const derivationGoesWithItsSource: RemovalRule = {
  clause: 'ITI TF-2:3.62.4.1.3',
  breaches: ({ named }, facts) =>
    namedAssociations(facts)
      .filter(({ associationType }) => derivations.has(associationType))
      .filter(({ source }) => !named.has(source.entryUUID))
      .map(each => ({
        code: 'XDSUnreferencedObjectException',
        object: nameOf({ ...each, kind: 'Association' }),
        expected: `the source of ${each.associationType} to be removed with it`,
        found: `${nameOf(each.source)}, which would stay without what it was made from`,
        location: each.source.entryUUID,
      })),
}

const derivations: ReadonlySet<string> = new Set(['XFRM', 'signs', 'IsSnapshotOf'])

/** What the law wants kept is kept, whoever asks. docs/decisions/0243 [ITI TF-2:3.62.4.1.3] */
const heldObjectsStay: RemovalRule = {
  clause: 'ITI TF-2:3.62.4.1.3',
  breaches: (_, { objects, held }) =>
    [...objects.values()].flatMap(object => {
      const hold = held.get(object.entryUUID)
      if (hold === undefined) return []
      return [
        {
          code: 'XDSRegistryError' as const,
          object: nameOf(object),
          expected: 'an object that may be removed',
          found: heldInWords(hold),
          location: object.entryUUID,
        },
      ]
    }),
}

/** In the order in which their findings are told. */
export const removalRules: readonly RemovalRule[] = [
  onlyReferences,
  somethingNamed,
  namedIsThere,
  heldObjectsStay,
  nothingRefersToIt,
  membershipGoesWithItsTarget,
  submissionSetKeepsAMember,
  derivationGoesWithItsSource,
]

/** All findings, in the order of the rules. */
export function removalFindings(request: RemoveMetadataRequest, facts: RemovalFacts): Finding[] {
  const asked: RemovalAsked = { ...request, named: new Set(request.entryUUIDs) }
  return removalRules.flatMap(({ clause, breaches }) =>
    breaches(asked, facts).map(breach => ({ ...breach, rule: clause })),
  )
}

function namedAssociations({ objects }: RemovalFacts): RemovableAssociation[] {
  return [...objects.values()].flatMap(({ association }) => association ?? [])
}

function misshapen(attribute: string, expected: string, found: string): RemovalBreach {
  return { code: 'XDSRegistryError', object: 'RemoveObjectsRequest', attribute, expected, found }
}

function nameOf({ kind, entryUUID }: Pick<RemovableObject, 'kind' | 'entryUUID'>): string {
  return labelOf(kind, entryUUID, 1)
}

const mostListed = 3

function listed(associations: readonly RemovableAssociation[]): string {
  const shown = associations.slice(0, mostListed).map(each => `${each.associationType} ${each.entryUUID}`)
  const more = associations.length - shown.length
  return `${counted(associations.length, 'other')}: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
