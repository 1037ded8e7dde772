// What of a large answer has not been told yet, for whoever asks to go on. ITI TF-2 §3.47.4.3, §3.21.4.2.2.7.
import type { Clock } from '../ports/clock.js'
import { copied } from '../soap/copied.js'

export interface Page {
  /** Persons, in the order in which they are told. */
  hits: readonly { person: number; degree: number }[]
  /** How many were told. */
  told: number
  domains: readonly string[]
  /** What was asked in HL7 v3: it goes back with each part. */
  queryXml: string
  /** Of one query in HL7 v2; another under the same tag has another. */
  stamp?: string
}

export interface Pages {
  keep(key: string, page: Page): void
  /** Undefined when it was never there, or too long ago. */
  take(key: string): Page | undefined
  forget(key: string): boolean
}

const mostPages = 1_000
/** Of all pages together: what was asked may be long. */
const mostCharacters = 16_777_216
const keptMs = 10 * 60_000

/** Kept in memory: whoever goes on asks soon, and asks again where nobody knows of it any more. */
export function openPages(clock: Pick<Clock, 'monotonicMs'>): Pages {
  const pages = new Map<string, { page: Page; untilMs: number }>()
  let characters = 0

  function forget(key: string): boolean {
    const found = pages.get(key)
    if (found !== undefined) characters -= charactersOf(found.page)
    return pages.delete(key)
  }

  function dropOld(): void {
    for (const [key, { untilMs }] of pages) {
      if (untilMs > clock.monotonicMs() && pages.size <= mostPages && characters <= mostCharacters) return
      forget(key)
    }
  }

  return {
    keep(key, asked) {
      forget(key)
      // Parts of the request would keep all of it.
      const page = { ...asked, queryXml: copied(asked.queryXml), domains: asked.domains.map(copied) }
      pages.set(key, { page, untilMs: clock.monotonicMs() + keptMs })
      characters += charactersOf(page)
      dropOld()
    },
    take(key) {
      dropOld()
      return pages.get(key)?.page
    },
    forget,
  }
}

const charactersOf = ({ queryXml, domains }: Page) => domains.reduce((sum, { length }) => sum + length, queryXml.length)
