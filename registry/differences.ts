// In what a submission differs from the one committed under its uniqueId: for its own sender, who meant to send the same again.
import { submissionDigest } from '../metadata/digest.js'
import { type Fragment, uniqueIdIn } from '../metadata/fragment.js'
import type { Finding, RegistryObjectValue, Submission } from '../metadata/model.js'
import { keptObjects } from './kept-objects.js'
import type { Sent } from './resubmission.js'
import type { EarlierSubmission } from './store/facts.js'

const mostNamed = 10
/** Objects; nobody else is served meanwhile. docs/decisions/0152 */
const mostCompared = 200

/** Findings of which the one on the uniqueId of the SubmissionSet says what differs. Nobody else than the partner is told. */
export function namingDifferences(
  findings: readonly Finding[],
  submission: Submission,
  earlier: EarlierSubmission | undefined,
  sent: Sent,
): Finding[] {
  if (earlier === undefined || earlier.partner !== sent.partner || earlier.digest === sent.digest) return [...findings]
  return findings.map(finding => {
    if (finding.code !== 'XDSDuplicateUniqueIdInRegistry' || !finding.object.startsWith('SubmissionSet')) return finding
    const differences = differingAttributes(submission, earlier.objects)
    const said = `${finding.expected}; sent again it must be the same, but these differ: ${differences.join(', ')}`
    return { ...finding, expected: said }
  })
}

function differingAttributes(submission: Submission, kept: readonly Fragment[]): string[] {
  const now = [...submission.submissionSets, ...submission.documentEntries, ...submission.folders].slice(
    0,
    mostCompared,
  )
  const uniqueIds = new Set<string | undefined>(now.map(({ uniqueId }) => uniqueId))
  // An id that is not plain to see may be any of them.
  const mayBeAmong = (fragment: Fragment) => uniqueIds.has(uniqueIdIn(fragment) ?? now[0]?.uniqueId)
  const before = decoded(kept.filter(mayBeAmong).slice(0, 2 * mostCompared))
  const names = now.flatMap(object => {
    const earlier = before.find(other => other.kind === object.kind && other.uniqueId === object.uniqueId)
    return earlier === undefined ? [`${object.kind} uniqueId`] : attributesApart(object, earlier)
  })
  // The digest says that they differ; where no attribute does, something is missing or related otherwise.
  return names.length === 0
    ? ['which objects there are, or how they are related']
    : [...new Set(names)].slice(0, mostNamed)
}

function attributesApart(object: RegistryObjectValue, earlier: RegistryObjectValue): string[] {
  const [one, other] = [object, earlier].map(value => value as unknown as Record<string, unknown>)
  const digest = (name: string, value: unknown) => digestOf(object.kind, name, value)
  const names = new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})])
  return [...names]
    .filter(name => !setByRegistry.has(name) && digest(name, one?.[name]) !== digest(name, other?.[name]))
    .map(name => `${object.kind} ${name}`)
}

/** Whatever was sent, these are the registry's own. */
const setByRegistry = new Set(['entryUUID', 'logicalID', 'homeCommunityId'])

/** One attribute at a time, by the same measure that found the whole to differ. */
function digestOf(kind: RegistryObjectValue['kind'], name: string, value: unknown): string {
  const object = { kind, entryUUID: '', [name]: value } as unknown as Submission['documentEntries'][0]
  const alone = { submissionSets: [], documentEntries: [object], folders: [], associations: [], findings: [] }
  return submissionDigest(alone, ({ hash, size }) => `${hash?.toLowerCase()} ${size}`)
}

function decoded(kept: readonly Fragment[]) {
  const { submissionSets, documentEntries, folders } = keptObjects(kept)
  return [...submissionSets, ...documentEntries, ...folders]
}
