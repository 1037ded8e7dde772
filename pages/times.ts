// Times as readers have them on their clocks.
import { isoOf } from '../ports/clock.js'
import { type Html, html } from './html.js'
import type { Language } from './languages.js'

/** Swiss usage, except for English, where 24 hours and the name of the month keep days and months apart. */
const locales: Readonly<Record<Language, string>> = { de: 'de-CH', fr: 'fr-CH', it: 'it-CH', en: 'en-GB' }

const formats = new Map<string, Intl.DateTimeFormat>()

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

function formatOf(language: Language, timeZone: string, form: Form): Intl.DateTimeFormat {
  const key = `${language} ${timeZone} ${form}`
  const known = formats.get(key)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat(locales[language], { ...forms[form], timeZone })
  formats.set(key, made)
  return made
}

const forms = {
  time: { day: '2-digit', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  day: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  hour: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>
type Form = keyof typeof forms

export interface Times {
  text(ms: number, form?: Form): string
  element(ms: number, form?: Form): Html
  number(count: number): string
  /** In the largest unit of which there are two. */
  duration(ms: number): string
  /** 0 to 23. */
  hourOf(ms: number): number
  /** `2026-11-25` */
  dayOf(ms: number): string
  readonly timeZone: string
}

/** `timeZone` by its IANA name. Times go in as milliseconds in UTC. */
export function timesIn(language: Language, timeZone: string): Times {
  const text = (ms: number, form: Form = 'time') => formatOf(language, timeZone, form).format(ms)
  const numbers = new Intl.NumberFormat(locales[language])
  return {
    text,
    element: (ms, form) => html`<time datetime="${isoOf(ms)}">${text(ms, form)}</time>`,
    number: count => numbers.format(count),
    duration(ms) {
      const [unit, size] = units.find(([, size]) => ms >= 2 * size) ?? (['second', 1_000] as const)
      const form = { style: 'unit', unit, unitDisplay: 'long' } as const
      return new Intl.NumberFormat(locales[language], form).format(Math.max(1, Math.round(ms / size)))
    },
    hourOf: ms => partsIn(ms, timeZone).hour,
    dayOf(ms) {
      const { year, month, day } = partsIn(ms, timeZone)
      return `${year}-${two(month)}-${two(day)}`
    },
    timeZone,
  }
}

const dayMs = 86_400_000

/**
 * The instants at which a clock of the zone shows `2026-11-25T08:00:00`: two in the hour that comes twice, and in one that is passed over those
 * that it would be before and after the change. Empty when that is no time.
 */
export function instantsIn(local: string, timeZone: string): number[] {
  const asUtc = Date.parse(`${local}Z`)
  if (Number.isNaN(asUtc)) return []
  const instants = [asUtc - dayMs, asUtc + dayMs].map(around => asUtc - offsetAt(around, timeZone))
  const shown = instants.filter(ms => ms + offsetAt(ms, timeZone) === asUtc)
  return [...new Set(shown.length > 0 ? shown : instants)]
}

function offsetAt(ms: number, timeZone: string): number {
  const { year, month, day, hour, minute, second } = partsIn(ms, timeZone)
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000
}

type Parts = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>

const readers = new Map<string, Intl.DateTimeFormat>()

function partsIn(ms: number, timeZone: string): Parts {
  let reader = readers.get(timeZone)
  if (reader === undefined) {
    const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const
    reader = new Intl.DateTimeFormat('en-US', { ...numeric, second: 'numeric', hourCycle: 'h23', timeZone })
    readers.set(timeZone, reader)
  }
  return Object.fromEntries(reader.formatToParts(ms).map(({ type, value }) => [type, Number(value)])) as Parts
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
