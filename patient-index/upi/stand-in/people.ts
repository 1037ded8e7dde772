// Whom the stand-in knows, and the numbers that it has given: the rules of eCH-0213 as far as they can be tried without the UPI. It
// believes of a person what it is told first, so that no population register is needed. For development alone. docs/decisions/0325
import type { Ports } from '../../../ports/ports.js'
import type { Migration, Store } from '../../../store/store.js'
import { checkDigitOf, hasCheckDigit } from '../../../xua/check-digit.js'
import { differences, mostDifferences } from '../registered.js'
import type { ManageSpid, Notice, Pid, RegisteredPerson, UpiAnswer } from '../upi.js'

export const standInMigrations: readonly Migration[] = [
  {
    name: 'upi-stand-in-0001-people',
    sqlite: [
      'CREATE TABLE people (vn TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID',
      // `status` is active, inactive or cancelled.
      'CREATE TABLE numbers (spid TEXT PRIMARY KEY, vn TEXT NOT NULL, status TEXT NOT NULL, changed_ms INTEGER NOT NULL) WITHOUT ROWID',
      'CREATE INDEX numbers_by_vn ON numbers (vn)',
    ],
  },
]

/** AHV numbers that begin so are nobody's here, to try what happens then. */
const unknownPeople = '7569999'

/** Of what does not fit the UPI says 310402; the others are the stand-in's own. */
const notices = {
  differs: { code: 310_402, text: 'the data do not fit the person of this AHV number' },
  nearly: { code: 310_403, text: 'one of the data is another at the UPI' },
  unknownVn: { code: 310_404, text: 'nobody has this AHV number' },
  unknownSpid: { code: 310_405, text: 'nobody has this EPR-SPID, or it is in use no more' },
  notHis: { code: 310_406, text: 'the EPR-SPID is of another AHV number' },
  there: { code: 310_407, text: 'the person has an EPR-SPID in use, which is answered again' },
  ended: { code: 310_408, text: 'the EPR-SPID is in use no more' },
} as const satisfies Record<string, Notice>

/** What has changed goes to `tell`. */
export function openPeople(
  store: Store,
  { clock, randomness }: Pick<Ports, 'clock' | 'randomness'>,
  tell: (change: { inactive: string; active: string } | { cancelled: string }) => Promise<void>,
) {
  const sql = (text: string) => store.prepare(text)

  function bodyOf(vn: string): RegisteredPerson | undefined {
    const row = sql('SELECT body FROM people WHERE vn = ?').get<{ body: string }>(vn)
    return row && JSON.parse(row.body)
  }

  function numberOf(spid: string): { vn: string; status: string } | undefined {
    return sql('SELECT vn, status FROM numbers WHERE spid = ?').get(spid)
  }

  function activeOf(vn: string): string[] {
    return sql(`SELECT spid FROM numbers WHERE vn = ? AND status = 'active' ORDER BY changed_ms, spid`)
      .all<{ spid: string }>(vn)
      .map(({ spid }) => spid)
  }

  function positive(vn: string, said: readonly Notice[]): UpiAnswer {
    return { is: 'positive', pids: { vn, spids: activeOf(vn) }, person: bodyOf(vn), notices: [...said] }
  }

  function set(spid: string, vn: string, status: string): void {
    sql(
      `INSERT INTO numbers (spid, vn, status, changed_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (spid) DO UPDATE SET vn = excluded.vn, status = excluded.status, changed_ms = excluded.changed_ms`,
    ).run(spid, vn, status, clock.now())
  }

  function info(by: Pid): UpiAnswer {
    if ('vn' in by) return bodyOf(by.vn) === undefined ? negative(notices.unknownVn) : positive(by.vn, [])
    const number = numberOf(by.spid)
    if (number === undefined) return negative(notices.unknownSpid)
    return positive(number.vn, number.status === 'active' ? [] : [notices.ended])
  }

  function generate({ vn, person }: Extract<ManageSpid, { action: 'generate' }>): UpiAnswer {
    if (!/^756\d{10}$/.test(vn) || !hasCheckDigit(vn) || vn.startsWith(unknownPeople))
      return negative(notices.unknownVn)
    const known = bodyOf(vn)
    const different = known === undefined ? [] : differences(known, person)
    if (different.length > mostDifferences) return negative(notices.differs)
    if (known === undefined) sql('INSERT INTO people (vn, body) VALUES (?, ?)').run(vn, JSON.stringify(person))
    const isThere = activeOf(vn).length > 0
    if (!isThere) set(fresh(), vn, 'active')
    return positive(vn, [...(different.length > 0 ? [notices.nearly] : []), ...(isThere ? [notices.there] : [])])
  }

  /** 76133761, nine digits that say nothing of anybody, and the digit that proves them. */
  function fresh(): string {
    for (;;) {
      const digits = String(randomness.bytes(6).readUIntBE(0, 6) % 1_000_000_000).padStart(9, '0')
      const spid = `76133761${digits}${checkDigitOf(`76133761${digits}`)}`
      if (numberOf(spid) === undefined) return spid
    }
  }

  function inactivate({ inactive, active }: Extract<ManageSpid, { action: 'inactivate' }>): UpiAnswer {
    const [ends, stays] = [numberOf(inactive), numberOf(active)]
    if (ends?.status !== 'active' || stays?.status !== 'active' || inactive === active) {
      return negative(notices.unknownSpid)
    }
    // Two people in the register turn out to be one.
    set(inactive, stays.vn, 'inactive')
    return positive(stays.vn, [])
  }

  function cancel({ spid, vn }: Extract<ManageSpid, { action: 'cancel' }>): UpiAnswer {
    const number = numberOf(spid)
    if (number?.status !== 'active') return negative(notices.unknownSpid)
    if (vn !== undefined && vn !== number.vn) return negative(notices.notHis)
    set(spid, number.vn, 'cancelled')
    return positive(number.vn, [])
  }

  return {
    info: async (by: Pid): Promise<UpiAnswer> => info(by),
    async manage(request: ManageSpid): Promise<UpiAnswer> {
      if (request.action === 'generate') return store.write(() => generate(request))
      const answer = await store.write(() => (request.action === 'cancel' ? cancel(request) : inactivate(request)))
      if (answer.is === 'positive') {
        await tell(
          request.action === 'cancel'
            ? { cancelled: request.spid }
            : { inactive: request.inactive, active: request.active },
        )
      }
      return answer
    },
  }
}

function negative(notice: Notice): UpiAnswer {
  return { is: 'negative', notice }
}
