// Which ids a merge message joins, and when it changes nothing. ITI TF-2 §3.44.4.2.4, §3.8.4.2.4.
import type { FeedProblem, OurIds } from './feed-message.js'
import { assigningAuthorityOf, canonicalPatientId } from './patient-id.js'
import type { Merge, PatientFacts } from './patient-store.js'

const clause = 'ITI TF-2:3.44.4.2.4'

/** Within one domain the patient has one id before and one after; an unknown survivor becomes known. [ITI TF-2:3.44.4.2.4] */
export function mergesOf(
  ids: OurIds,
  facts: PatientFacts,
): { problems: FeedProblem[] } | { announced: string[]; merges: Merge[] } {
  const problems = [...foreign(ids), ...(foreign(ids).length > 0 ? [] : unpaired(ids))]
  if (problems.length > 0) return { problems }
  const asked = ids.subsumedIds.map(subsumed => ({ subsumed, survivor: survivorsFor(subsumed, ids)[0] ?? '' }))
  const merges = asked.filter(merge => !stands(merge, facts))
  const found = merges.flatMap(merge => refusalsOf(merge, facts))
  if (found.length > 0) return { problems: found }
  return { announced: merges.map(({ survivor }) => survivor), merges }
}

/** Sent again by whoever has not heard our answer; there is nothing left to do. docs/decisions/0205 */
function stands({ subsumed, survivor }: Merge, facts: PatientFacts): boolean {
  const old = facts.standingOf(subsumed)
  const isSame = old.is === 'subsumed' && old.into === canonicalPatientId(survivor)
  return isSame && facts.standingOf(survivor).is === 'active'
}

/** Neither the one id nor the other may be of another domain. [ITI TF-2:3.44.4.2.4] */
function foreign({ patientIds, subsumedIds, expected, found }: OurIds): FeedProblem[] {
  const problems: FeedProblem[] = []
  if (patientIds.length === 0) {
    const text = `no surviving patient id is of ${expected}, found ${found.patientIds}`
    problems.push({ kind: 'missing', at: 'patientIds', clause, text })
  }
  if (subsumedIds.length === 0) {
    const text = `no subsumed patient id is of ${expected}, found ${found.subsumedIds}`
    problems.push({ kind: 'missing', at: 'subsumedIds', clause, text })
  }
  return problems
}

function unpaired(ids: OurIds): FeedProblem[] {
  const authorities = ids.subsumedIds.map(assigningAuthorityOf)
  return ids.subsumedIds.flatMap((subsumed): FeedProblem[] => {
    const survivors = survivorsFor(subsumed, ids)
    const authority = assigningAuthorityOf(subsumed)
    if (survivors.length === 1 && authorities.filter(other => other === authority).length === 1) return []
    const text =
      survivors.length === 0
        ? `${subsumed} has no surviving patient id of its own assigning authority`
        : `of assigning authority ${authority} one subsumed and one surviving patient id are expected, a message for each pair`
    return [{ kind: 'wrong', at: 'subsumedIds', clause, text }]
  })
}

function survivorsFor(subsumed: string, { patientIds }: OurIds): string[] {
  const authority = assigningAuthorityOf(subsumed)
  return patientIds.filter(id => assigningAuthorityOf(id) === authority)
}

/** [ITI TF-2:3.44.4.2.4] */
function refusalsOf({ subsumed, survivor }: Merge, facts: PatientFacts): FeedProblem[] {
  if (canonicalPatientId(subsumed) === canonicalPatientId(survivor)) {
    const text = `the subsumed and the surviving patient id are the same, ${survivor}`
    return [{ kind: 'wrong', at: 'subsumedIds', clause, text }]
  }
  const [old, stays] = [facts.standingOf(subsumed), facts.standingOf(survivor)]
  const problems: FeedProblem[] = []
  if (old.is === 'unknown') {
    const text = `the subsumed patient id ${subsumed} is not known here`
    problems.push({ kind: 'unknown', at: 'subsumedIds', clause, text })
  }
  if (old.is === 'subsumed') {
    const text = `the subsumed patient id ${subsumed} has already been merged into ${old.survivor}`
    problems.push({ kind: 'ended', at: 'subsumedIds', clause, text })
  }
  if (stays.is === 'subsumed') {
    const text = `the surviving patient id ${survivor} has itself been merged into ${stays.survivor}`
    problems.push({ kind: 'ended', at: 'patientIds', clause, text })
  }
  return problems
}
