// What whoever keeps the services does while partners are at work: legal holds, keys wrapped anew, documents moved.

import type { ElsewhereAnswer } from '../repository/administration/moving-resources.js'
import type { RewrapAnswer } from '../repository/encryption/rewrapping.js'
import type { MoveAnswer } from '../repository/moving.js'
import type { Hold } from '../server/holds.js'
import { removeDocuments, removeMetadata } from '../transactions/remove.js'
import { type Doing, free, isRemovable, nameOf, working } from './doing.js'
import type { SentDocument } from './ledger.js'
import { objectsOf } from './sending.js'
import { repositoryUniqueId } from './world.js'

const actors = ['registry', 'repository'] as const

/** What is held nobody removes, however often everything ends meanwhile; until the hold is lifted. docs/decisions/0243 */
export async function hold(doing: Doing): Promise<void> {
  const { chance, keeper, ledger } = doing
  const target = keeper && free(ledger, chance, document => isRemovable(document, ledger))
  if (target === undefined) return
  await working([target], async () => {
    target.hold = 'unknown'
    const asked = { kind: 'document', values: [target.uniqueId], reason: 'of the simulation' }
    if (!(await atBoth(`holds/put/${holdOf(target)}`, asked, doing))) return
    target.hold = 'acknowledged'
    await removalIsRefused(target, doing)
    if (chance.percent(50)) return
    target.hold = 'unknown'
    if (await atBoth(`holds/lift/${holdOf(target)}`, {}, doing)) target.hold = 'none'
  })
}

const holdOf = ({ uniqueId }: SentDocument) => `of-${uniqueId}`

/** As they were put and lifted, at both. */
export async function holdsStand({ keeper, ledger }: Doing): Promise<void> {
  for (const actor of keeper === undefined ? [] : actors) {
    const told = await keeper?.ask<{ holds: Hold[] }>(actor, 'holds')
    if (told?.status !== 200) return void ledger.faults.push(`the ${actor} does not list its legal holds`)
    const known = new Set(told.answer.holds.map(({ id }) => id))
    for (const document of ledger.documents.filter(each => each.hold !== 'unknown')) {
      const isHeld = document.hold === 'acknowledged'
      if (known.has(holdOf(document)) !== isHeld)
        ledger.faults.push(`document ${nameOf(document)}: a legal hold is ${isHeld ? 'not' : 'still'} at the ${actor}`)
    }
  }
}

async function atBoth(path: string, asked: object, { keeper }: Doing): Promise<boolean> {
  for (const actor of actors) if ((await keeper?.ask(actor, path, asked))?.status !== 200) return false
  return true
}

async function removalIsRefused(target: SentDocument, { party, ledger }: Doing): Promise<void> {
  const entryUUIDs = objectsOf(target.submission.submission).map(({ entryUUID }) => entryUUID)
  const metadata = await party.ask(removeMetadata, { entryUUIDs })
  const documents = [{ repositoryUniqueId, documentUniqueId: target.uniqueId }]
  const bytes = await party.ask(removeDocuments, { documents })
  for (const [what, { response }] of Object.entries({ metadata, bytes }))
    if (response?.status === 'Success')
      ledger.faults.push(`document ${nameOf(target)}: its ${what} were removed under a legal hold`)
}

/** Once all are wrapped by the newest key, whoever has the others destroys them. docs/decisions/0231 */
export async function rewrap({ keeper, party }: Doing): Promise<void> {
  if (keeper?.keys === undefined) return
  const { newest } = keeper.keys
  const told = await keeper.ask<RewrapAnswer>('repository', 'documents/rewrap', {})
  if (told?.status !== 200 || told.answer.key !== newest || told.answer.done.length === 0) return
  // Another one has come meanwhile.
  if (keeper.keys.newest !== newest) return
  party.note(`destroys ${told.answer.done.join(' and ')}`)
  keeper.keys.keepOnly(newest)
}

/** Some of those that are elsewhere. docs/decisions/0237 */
export async function move({ keeper, chance, party }: Doing): Promise<void> {
  if (keeper === undefined || keeper.places.length === 0) return
  const to = chance.pick(keeper.places)
  const listed = await keeper.ask<ElsewhereAnswer>('repository', `documents/elsewhere?than=${encodeURIComponent(to)}`)
  const ids = listed?.status === 200 ? listed.answer.documents.map(({ id }) => id).slice(0, chance.whole(1, 10)) : []
  if (ids.length === 0) return
  const told = await keeper.ask<MoveAnswer>('repository', 'documents/move', { ids, to, bytesPerSecond: 1e9 })
  party.note(`has ${ids.length} moved to ${to}: ${told?.status === 200 ? `${told.answer.done} done` : 'no answer'}`)
}
