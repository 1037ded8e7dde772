// The registry's memory in SQLite: each call is one synchronous step, so nothing comes between its parts.
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import type { Clock } from '../ports/clock.js'
import { holdsIn } from '../server/holds.js'
import type { Store } from '../store/store.js'
import { codesIn } from './sqlite/codes.js'
import { commitIn } from './sqlite/commit.js'
import { factsIn } from './sqlite/facts.js'
import { openPatientStore } from './sqlite/patient-store.js'
import { patientsIn } from './sqlite/patients.js'
import { fragmentsIn, readerOf } from './sqlite/reader.js'
import { removalIn } from './sqlite/removal.js'
import { removalFactsIn } from './sqlite/removal-facts.js'
import type { RegistryStore } from './store.js'

/** The tables must be there: open the store with `registryMigrations`. */
export function openRegistryStore(
  store: Store,
  domain: Pick<AffinityDomain, 'hides'>,
  clock: Pick<Clock, 'endOfTurn' | 'monotonicMs'>,
): RegistryStore {
  const codes = codesIn(store)
  const patients = patientsIn(store)
  const factsFor = factsIn(store, patients)
  const commit = commitIn(store, codes, patients, domain.hides)
  const removalFactsFor = removalFactsIn(store, patients)
  const remove = removalIn(store)
  const fragmentsOf = fragmentsIn(store)

  return {
    async register(submission, wanted, decide) {
      const { answer, committed } = await store.write(() => {
        const committed = codes.begin()
        const decision = decide(factsFor(submission, wanted))
        if (decision.commit !== undefined) {
          commit(decision.commit, decision.answer)
          decision.commit.alongside()
        }
        return { answer: decision.answer, committed }
      })
      committed()
      return answer
    },
    holds: holdsIn(store),
    patients: openPatientStore(store, patients),
    remove: (entryUUIDs, decide) =>
      store.write(() => {
        const { answer, removal } = decide(removalFactsFor(entryUUIDs))
        if (removal !== undefined) {
          remove(entryUUIDs, removal)
          removal.alongside()
        }
        return answer
      }),
    erased: () => store.erased(),
    // The reader answers at once: the awaits of `work` end within this turn, before any commit can come in between. Only very many patterns
    // are held against the texts over several turns, before the one look of their query.
    read: (options, work) => work(readerOf({ store, codes, patients, clock }, options)),
    fragmentsOf: async (_, keys) => fragmentsOf(keys),
  }
}
