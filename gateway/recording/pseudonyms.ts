// Other values of the same shape for those of real traffic, the same for the same all through a recording. Whatever is not known to be
// harmless is replaced; which stands for which is known to nobody once the recording is over.
import * as uuids from '../../metadata/uuids.js'
import type { Randomness } from '../../ports/randomness.js'

export interface Pseudonyms {
  /** A text, piece by piece: what separates its pieces stays. */
  of(text: string): string
  /** What stands for the day on which somebody was born, or died; nothing of the real one is in it. */
  lifeDay(real: string): string
  /** What stands for a digest of a document; told before texts are read that have it. */
  digest(real: string, standIn: string): void
  /** Of a MIME part. */
  contentId(real: string): string
}

/** Words of standards; nobody is known by them. */
const harmless =
  /^(?:urn:(?:ihe|oasis|hl7-org|e-health-suisse):.*|http:\/\/(?:www\.w3\.org|docs\.oasis-open\.org|schemas\.xmlsoap\.org)\/.*|ISO|UTF-8|PID-\d{1,2})$/
/** Of whatever a word of a standard ends with. */
const longNumber = /\d{8,}/g
const standardOid = /^(?:2\.16\.840\.1\.113883|1\.3\.6\.1\.4\.1\.19376)(?:\.|$)/

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const oid = /^[0-2](?:\.(?:0|[1-9][0-9]*)){2,}$/
const dtm = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{2}){0,3}(?:\.\d{1,4})?(?:[+-]\d{4})?$/
const isoTime = /^((?:19|20)\d\d-\d\d-\d\d)(T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?$/
const digest = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i
const eprSpid = /^7613376\d{11}$/
const scheme = /^(urn:uuid:|urn:oid:|mailto:|tel:|cid:)(.+)$/i
const web = /^https?:\/\//i
const separators = /([\s^&|,;()'"~<>=]+)/
const dayMs = 86_400_000

/** All days are told from here; any would do. */
const anchorMs = Date.UTC(2026, 0, 1)

/** UUIDs that are words of the framework. */
const framework: ReadonlySet<string> = new Set(stringsIn(uuids).flatMap(text => /[0-9a-f-]{36}$/.exec(text)?.[0] ?? []))

/** Nothing of it is kept: two recordings of the same traffic have nothing in common. */
export function openPseudonyms(randomness: Randomness): Pseudonyms {
  const known = new Map<string, string>()
  // What was before stays before, or becomes the same day. Moved by one distance alike, all days would be known to whoever knows one of them, as that
  // of the recording: the distances between them shrink too, by nobody knows how much.
  const shiftMs = (400 + (randomness.bytes(2).readUInt16BE() % 3_000)) * dayMs
  const shrinking = 0.5 + (0.45 * randomness.bytes(4).readUInt32BE()) / 2 ** 32
  const movedMs = (ms: number) => Math.floor((anchorMs + (ms - anchorMs) * shrinking - shiftMs) / dayMs) * dayMs

  const remembered = (kind: string, real: string, make: () => string): string => {
    const key = `${kind}\n${real}`
    const standIn = known.get(key) ?? make()
    known.set(key, standIn)
    return standIn
  }

  const rules: readonly [shape: RegExp, standIn: (piece: string) => string][] = [
    [harmless, piece => piece.replace(longNumber, pieceFor)],
    [uuid, piece => (framework.has(piece.toLowerCase()) ? piece : remembered('uuid', piece, () => randomness.uuid()))],
    [oid, piece => (standardOid.test(piece) ? piece : remembered('oid', piece, () => `2.999.${known.size + 100}`))],
    [dtm, movedDtm],
    [isoTime, movedIso],
    [digest, piece => remembered('digest', piece.toLowerCase(), () => hexOf(piece.length))],
    [eprSpid, piece => remembered('spid', piece, () => withCheckDigit(`7613376${digitsOf(10)}`))],
    [scheme, ofScheme],
    [web, piece => remembered('web', piece, () => `https://peer.example/${known.size + 1}`)],
  ]

  function pieceFor(piece: string): string {
    const rule = rules.find(([shape]) => shape.test(piece))
    return rule === undefined ? remembered('word', piece, () => lookalike(piece)) : rule[1](piece)
  }

  function ofScheme(piece: string): string {
    const [, name = '', rest = ''] = scheme.exec(piece) ?? []
    if (framework.has(rest.toLowerCase())) return piece
    return name + (name.toLowerCase() === 'cid:' ? contentId(decodeURIComponent(rest)) : pieceFor(rest))
  }

  function movedDtm(piece: string): string {
    const moved = moved8(piece.slice(0, 8))
    return moved + piece.slice(8)
  }

  function moved8(day: string): string {
    const ms = Date.UTC(Number(day.slice(0, 4)), Number(day.slice(4, 6)) - 1, Number(day.slice(6, 8)))
    return new Date(movedMs(ms)).toISOString().slice(0, 10).replaceAll('-', '')
  }

  function movedIso(piece: string): string {
    const [, day = '', time = ''] = isoTime.exec(piece) ?? []
    return new Date(movedMs(Date.parse(`${day}T00:00:00Z`))).toISOString().slice(0, 10) + time
  }

  function lifeDay(real: string): string {
    const { length } = real
    const made = () => new Date(Date.UTC(1930, 0, 1) + (randomness.bytes(2).readUInt16BE() % 29_000) * dayMs)
    const day = remembered('life', real.slice(0, 8), () => made().toISOString().slice(0, 10).replaceAll('-', ''))
    return day.padEnd(length, '0').slice(0, length)
  }

  function contentId(real: string): string {
    return remembered('cid', real, () => `part-${known.size + 1}@peer.example`)
  }

  function digitsOf(count: number): string {
    return [...randomness.bytes(count)].map(byte => byte % 10).join('')
  }

  function hexOf(length: number): string {
    return randomness.bytes(length / 2).toString('hex')
  }

  /** Letters for letters, digits for digits, all else as it is. */
  function lookalike(piece: string): string {
    const bytes = randomness.bytes(piece.length)
    return [...piece].map((character, at) => likeness(character, bytes[at] ?? 0)).join('')
  }

  return {
    of: text =>
      text
        .split(separators)
        .map(piece => (piece === '' || separators.test(piece) ? piece : pieceFor(piece)))
        .join(''),
    lifeDay: text => (dtm.test(text.trim()) ? lifeDay(text.trim()) : lookalike(text)),
    digest: (real, standIn) => void known.set(`digest\n${real.toLowerCase()}`, standIn),
    contentId,
  }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

function likeness(character: string, byte: number): string {
  if (/\p{Lu}/u.test(character)) return String.fromCharCode(65 + (byte % 26))
  if (/\p{L}/u.test(character)) return String.fromCharCode(97 + (byte % 26))
  return /\p{N}/u.test(character) ? String(byte % 10) : character
}

/** Modulo 10 with weights 3 and 1, from the right. [GS1 General Specifications: 7.9] */
function withCheckDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 3 : 1), 0)
  return `${digits}${(10 - (sum % 10)) % 10}`
}
