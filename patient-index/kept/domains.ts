// The domains that ids are of, a number each.
import { instanceIdentifierOf } from '../../metadata/hl7.js'
import type { Store } from '../../store/store.js'

/** An id as the tables have it. */
export interface Key {
  domain: number
  extension: string
}

export type Domains = ReturnType<typeof domainsIn>

export function domainsIn(sql: Store['prepare']) {
  function numberOf(oid: string): number | undefined {
    return sql('SELECT domain FROM domains WHERE oid = ?').get<{ domain: number }>(oid)?.domain
  }

  function numberFor(oid: string): number {
    return numberOf(oid) ?? Number(sql('INSERT INTO domains (oid) VALUES (?)').run(oid).lastInsertRowid)
  }

  return {
    numberOf,

    oids: () =>
      sql('SELECT oid FROM domains ORDER BY domain')
        .all<{ oid: string }>()
        .map(({ oid }) => oid),

    /** Undefined where no id of its domain is known. */
    keyOf(cx: string): Key | undefined {
      const id = instanceIdentifierOf(cx)
      const domain = id && numberOf(id.root)
      return domain === undefined || id === undefined ? undefined : { domain, extension: id.extension }
    },

    /** Of an id that is to be kept. */
    keyFor(cx: string): Key {
      const id = instanceIdentifierOf(cx)
      if (id === undefined) throw new Error(`${cx} is no CX`)
      return { domain: numberFor(id.root), extension: id.extension }
    },
  }
}
