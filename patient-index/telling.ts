// Who hears of a change: registries of our affinity domain by ITI-44, consumers that asked for it by ITI-46. Each message
// stands in the same commit as the change, and is sent until it is acknowledged (notifier.ts).

import { instanceIdentifierOf } from '../metadata/hl7.js'
import type { FeedEvent } from '../transactions/xds-messages.js'
import type { PatientIndexContext } from './context.js'

/** What is told of a person; how it is sent is the target's affair. */
export interface Notice {
  patientIds: string[]
  subsumedIds?: string[]
}

/**
 * Within the caller's `store.write`: what is told waits in the same commit, and notifier.ts sends it. `ended` is an id that was merged into the
 * person's.
 */
export function tellAll(
  event: FeedEvent,
  person: number,
  {
    persons,
    config,
    nationalAuthority,
    ports,
  }: Pick<PatientIndexContext, 'persons' | 'config' | 'nationalAuthority' | 'ports'>,
  ended?: string,
): void {
  const nowMs = ports.clock.now()
  const own = persons.ownIdOf(person, config.assigningAuthority)
  const national = nationalAuthority === undefined ? undefined : persons.ownIdOf(person, nationalAuthority)
  const known = [own, national].filter(id => id !== undefined)
  const subsumed = ended === undefined ? {} : { subsumedIds: [ended] }
  for (const { name } of config.registries) persons.tell(name, event, { patientIds: known, ...subsumed }, nowMs)
  if (config.consumers.length === 0) return
  const all = persons.idsOf(person)
  for (const { name, domains } of config.consumers) {
    const theirs = domains.length === 0 ? all : all.filter(id => domains.includes(instanceIdentifierOf(id)?.root ?? ''))
    // A notification has the ids as they are now; a merge is no event of its own there. [ITI TF-2:3.46.4.1]
    if (theirs.length > 0) persons.tell(name, 'revise', { patientIds: theirs }, nowMs)
  }
}
