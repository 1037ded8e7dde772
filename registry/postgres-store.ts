// The registry's memory on PostgreSQL: a submission is one transaction that holds what it names, a query is one snapshot.
import type { AffinityDomain } from '../affinity/affinity-domain.js'
import { openHolds } from '../server/holds-on-server.js'
import { StoreAway } from '../store/failures.js'
import { hold } from '../store/postgres/holding.js'
import type { Replicas } from '../store/postgres/replicas.js'
import type { Session } from '../store/postgres/session.js'
import type { Transaction, Transactions } from '../store/postgres/transactions.js'
import { turns } from '../store/postgres/turns.js'
import { writeSubmission } from './postgres/commit.js'
import { gatherFacts, namesIn } from './postgres/facts.js'
import { openPatientStore } from './postgres/patient-store.js'
import { fragmentsOf, readerOver } from './postgres/reader.js'
import { removeObjects } from './postgres/removal.js'
import { gatherRemovalFacts } from './postgres/removal-facts.js'
import type { RegistryStore } from './store.js'

/** The tables must be there: open the store with the migrations in postgres/. */
export function openPostgresRegistryStore(
  store: Transactions,
  domain: Pick<AffinityDomain, 'hides'>,
  replicas?: Pick<Replicas, 'next'>,
): RegistryStore {
  const inTurn = turns()
  return {
    register(submission, wanted, decide) {
      const names = namesIn(submission)
      return inTurn.take(names, () =>
        store.run(async transaction => {
          const gathered = await held(transaction, names, () => gatherFacts(transaction, submission, wanted))
          const { answer, commit } = decide(gathered.facts)
          if (commit !== undefined) {
            await writeSubmission(transaction, commit, answer, gathered, domain.hides)
            transaction.alongside(() => commit.alongside())
          }
          return answer
        }),
      )
    },
    patients: openPatientStore(store),
    holds: openHolds(store),
    remove(entryUUIDs, decide) {
      const names = new Set(entryUUIDs.map(id => `entry ${id}`))
      return inTurn.take(names, () =>
        store.run(async transaction => {
          const { facts, routes } = await held(transaction, names, () => gatherRemovalFacts(transaction, entryUUIDs))
          const { answer, removal } = decide(facts)
          if (removal !== undefined) {
            await removeObjects(transaction, routes, removal)
            transaction.alongside(() => removal.alongside())
          }
          return answer
        }),
      )
    },
    // What was removed is in no answer any more; when it leaves the files is the server's. docs/decisions/0222.
    erased: () => Promise.resolve(),
    fragmentsOf: (kind, keys) => store.look(session => fragmentsOf(session, kind, keys)),
    async read(options, work) {
      const answerFrom = ({ look }: Pick<Transactions, 'look'>) => look(session => work(readerOver(session, options)))
      const copy = options.mayLag === true ? replicas?.next() : undefined
      if (copy === undefined) return answerFrom(store)
      try {
        return await answerFrom(copy)
      } catch (problem) {
        if (problem instanceof StoreAway) return answerFrom(store)
        throw problem
      }
    },
  }
}

/**
 * What is gathered stays true until the commit, once all that it depends on is held: the names, and the patients of all that
 * they lead to. Who stands for whom does not change meanwhile, for merges hold everything.
 */
async function held<Known extends { holds: ReadonlySet<string> }>(
  transaction: Transaction & Session,
  names: ReadonlySet<string>,
  gather: () => Promise<Known>,
): Promise<Known> {
  const holding = new Set<string>()
  for (let wanted: ReadonlySet<string> = names; ; ) {
    for (const name of wanted) holding.add(name)
    const [, known] = await Promise.all([hold(transaction, wanted), gather()])
    const missing = new Set([...known.holds].filter(name => !holding.has(name)))
    if (missing.size === 0) return known
    wanted = missing
  }
}
