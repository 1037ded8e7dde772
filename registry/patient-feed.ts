// What the patient identity feed does to a registry, in whichever form it comes. ITI TF-2 §3.8.4, §3.44.4.
import { unescapeHl7 } from '../metadata/hl7.js'
import { idFormProblems } from '../transactions/patient-id-form.js'
import { isOurs } from './accepted-patients.js'
import type { RegistryContext } from './context.js'
import type { FeedMessage, FeedProblem, OurIds } from './feed-message.js'
import type { FeedProfile } from './feed-profiles.js'
import { assigningAuthorityOf, canonicalPatientId } from './patient-id.js'
import { mergesOf } from './patient-merges.js'
import type { NationalId, PatientChange, PatientFacts } from './patient-store.js'

type Judgement = { problems: FeedProblem[] } | Pick<PatientChange, 'announced' | 'merges' | 'nationalIds'>

/** Follows a message, or says why not and changes nothing; `alongside` is committed with what is changed. */
export async function followFeed(
  message: FeedMessage,
  context: Pick<RegistryContext, 'store' | 'config' | 'ports' | 'feedProfile'>,
  alongside: () => void,
): Promise<FeedProblem[]> {
  const { store, ports, feedProfile } = context
  const broken = problemsOfMessage(message, feedProfile)
  // Only ids that could be ids are looked up.
  if (broken.length > 0) return broken
  const ours = idsOfOurs(message, context)
  const nowMs = ports.clock.now()
  return store.patients.change([...ours.patientIds, ...ours.subsumedIds], facts => {
    const judged = judge(message, ours, facts, context)
    if ('problems' in judged) return { answer: judged.problems }
    return { answer: [], change: { ...judged, nowMs, alongside } }
  })
}

/** What is wrong with a message whatever is registered. */
export function problemsOfMessage(message: FeedMessage, { rules }: FeedProfile): FeedProblem[] {
  return [...idFormProblems(message), ...rules.flatMap(rule => rule(message))]
}

function judge(message: FeedMessage, ours: OurIds, facts: PatientFacts, context: Pick<RegistryContext, 'feedProfile'>) {
  const judged = message.event === 'merge' ? mergesOf(ours, facts) : announcementOf(ours, facts)
  if ('problems' in judged) return judged
  return { ...judged, nationalIds: nationalIdsOf(message, judged.announced?.[0], context) }
}

/** Ids of other domains are nothing to a registry; a feed sends one message to everybody. [ITI TF-2:3.44.4.1.4] */
function idsOfOurs(
  { patientIds, subsumedIds }: FeedMessage,
  { config, feedProfile }: Pick<RegistryContext, 'config' | 'feedProfile'>,
): OurIds {
  const own = (id: string) => isOurs(id, config) && assigningAuthorityOf(id) !== feedProfile.nationalAuthority
  // The same id by namespace and by OID, or with other components behind it, is one.
  const ours = (ids: readonly string[]) => [...new Set(ids.filter(own).map(id => canonicalPatientId(id) ?? id))]
  const named = config.assigningAuthorities.join(' or ')
  const expected = named === '' ? 'an assigning authority that is an OID' : `assigning authority ${named}`
  return {
    patientIds: ours(patientIds),
    subsumedIds: ours(subsumedIds),
    none:
      patientIds.length === 0
        ? 'the message names no patient id'
        : `none of the patient ids is of ${expected}, found ${authoritiesOf(patientIds)}`,
    expected,
    found: { patientIds: authoritiesOf(patientIds), subsumedIds: authoritiesOf(subsumedIds) },
  }
}

const mostAuthorities = 5

function authoritiesOf(ids: readonly string[]): string {
  const all = [...new Set(ids.map(cx => unescapeHl7(cx.split('^')[3] ?? '') || 'no authority'))]
  return all.length === 0 ? 'no id' : all.slice(0, mostAuthorities).join(', ')
}

/** [ITI TF-2:3.44.4.1.4] */
function announcementOf({ patientIds, none }: OurIds, facts: PatientFacts): Judgement {
  const clause = 'ITI TF-2:3.44.4.1.4'
  const at = 'patientIds'
  if (patientIds.length === 0) {
    return { problems: [{ kind: 'missing', at, clause, text: none }] }
  }
  // No message undoes a merge. [ITI TF-2:3.44.4.2.4]
  const ended = patientIds.flatMap(id => {
    const standing = facts.standingOf(id)
    if (standing.is !== 'subsumed') return []
    const text = `${id} was merged into ${standing.survivor}; no message undoes that`
    return [{ id, problem: { kind: 'ended', at, clause: 'ITI TF-2:3.44.4.2.4', text } as const }]
  })
  if (ended.length === patientIds.length) return { problems: ended.map(({ problem }) => problem) }
  return { announced: patientIds.filter(id => !ended.some(other => other.id === id)) }
}

/** [Swiss EPR, annex 1.7.1] */
function nationalIdsOf(
  { patientIds }: FeedMessage,
  patientId: string | undefined,
  { feedProfile }: Pick<RegistryContext, 'feedProfile'>,
): NationalId[] {
  if (patientId === undefined || feedProfile.nationalAuthority === undefined) return []
  return patientIds
    .filter(id => assigningAuthorityOf(id) === feedProfile.nationalAuthority)
    .map(nationalId => ({ nationalId, patientId }))
}

const mostTold = 20

/** One sentence a problem, for acknowledgements that carry text. */
export function inWords(problems: readonly FeedProblem[]): string {
  const told = problems.slice(0, mostTold).map(({ text, clause }) => `${text} [${clause}]`)
  const untold = problems.length - told.length
  return [...told, ...(untold > 0 ? [`and ${untold} more`] : [])].join('\n')
}
