// Under which further ids a patient stands in records: the patient feed names them together, and each of its messages is a record.
import type { Clock } from '../../../../ports/clock.js'
import type { Store } from '../../../../store/store.js'
import { firstRecords } from '../../find-records.js'
import { mostAlternatives } from '../../record-query.js'
import { storedEvent } from '../stored-event.js'

const mostRead = 200

/** As CX; the national id first. */
export async function idsOfPatient(
  store: Store,
  nationalId: string,
  clock: Pick<Clock, 'monotonicMs' | 'endOfTurn'>,
): Promise<string[]> {
  const query = { patient: nationalId, type: ['ITI-44', 'ITI-8'], outcome: 0 }
  const records = await firstRecords(store, query, mostRead, clock)
  const ids = records.flatMap(record =>
    (storedEvent(record)?.entity ?? [])
      .filter(({ role }) => role?.code === '1')
      .flatMap(({ what }) => {
        const { system, value } = what?.identifier ?? {}
        return system?.startsWith('urn:oid:') === true ? [`${value}^^^&${system.slice(8)}&ISO`] : []
      }),
  )
  return [...new Set([nationalId, ...ids])].slice(0, mostAlternatives)
}
