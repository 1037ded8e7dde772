// Who does something in the world, and to which of its documents: nobody else is at work on that meanwhile.
import type { Chance } from './chance.js'
import type { Keeper } from './keeper.js'
import { type Ledger, registeredCertainty, type SentDocument, type SentFolder, type SentSubmission } from './ledger.js'
import type { Party } from './party.js'

export interface Doing {
  party: Party
  ledger: Ledger
  chance: Chance
  /** Where somebody keeps the services. */
  keeper?: Keeper
}

export function free(
  ledger: Ledger,
  chance: Chance,
  suits: (document: SentDocument) => boolean,
): SentDocument | undefined {
  const candidates = ledger.documents.filter(document => !document.isBusy && suits(document))
  return candidates.length === 0 ? undefined : chance.pick(candidates)
}

export async function working(documents: readonly SentDocument[], work: () => Promise<void>): Promise<void> {
  for (const document of documents) document.isBusy = true
  try {
    await work()
  } finally {
    for (const document of documents) document.isBusy = false
  }
}

/** Nothing leans on what came with it, and it leans on nothing itself. */
export function isRemovable({ submission }: SentDocument, { folders }: Ledger): boolean {
  const own = folders.filter(folder => folder.submission === submission)
  const isElsewhere = folders.some(folder => folder.submission !== submission && holdsOneOf(folder, submission))
  return (
    submission.documents.every(
      each => registeredCertainty(each) === 'there' && !each.isBusy && !each.hasDependents && each.hold === 'none',
    ) &&
    submission.submission.associations.every(({ associationType }) => associationType === 'HasMember') &&
    !isElsewhere &&
    !own.some(({ hasDependents }) => hasDependents)
  )
}

const holdsOneOf = ({ members }: SentFolder, { documents }: SentSubmission) =>
  members.some(member => documents.includes(member))

export const wasRemoved = ({ removal }: SentDocument) => removal.metadata !== 'none' || removal.bytes !== 'none'

export function nameOf({ uniqueId, submission, bytes }: SentDocument): string {
  return `${uniqueId} (${bytes.length} bytes, submission ${submission.number}, traces ${submission.attempts.map(({ traceId }) => traceId.slice(0, 8)).join(' ')})`
}
