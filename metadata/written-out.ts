// Objects in phrases as the XML that leaves: the numbers in them become the text they stand for. docs/decisions/0354.
import { escapeXml } from '../soap/xml.js'
import type { AvailabilityStatus } from './model.js'
import {
  changing,
  endOfId,
  endOfSlot,
  firstPhrase,
  identifiedBy,
  lead,
  nextId,
  ownId,
  phrases,
  startOfSlot,
} from './phrases.js'
import { identificationSchemes, statusTypes } from './uuids.js'

/** What may have changed since an object was written in phrases. */
export interface Present {
  availabilityStatus: AvailabilityStatus
  /** Of a Folder. [ITI TF-3:4.2.3.4.6] */
  lastUpdateTime?: string
  /** In the place of the one it was registered with. [ITI TF-2:3.18.4.1.2.3.9] */
  patientId?: string
}

/** Many objects, one behind the other. Between the first `add` and `end` nothing is awaited: all share one room. */
export interface Writing {
  /** `now` is for objects that leave room for it. */
  add(inPhrases: Uint8Array, now?: Present): void
  /** In pieces of some 64 kB. */
  end(): Buffer[]
}

/**
 * For one answer, synchronously: all that are under way write into the same memory, and `add` copies a piece out of it whenever one is full.
 * The pieces that `end` gives are the caller's own.
 */
export function writing(): Writing {
  const pieces: Buffer[] = []
  let length = 0
  const take = () => {
    if (length > 0) pieces.push(Buffer.from(room.subarray(0, length)))
    length = 0
  }
  return {
    add(inPhrases, now) {
      length = write(inPhrases, now, length)
      if (length >= pieceBytes) take()
    },
    end() {
      take()
      if (room.length > mostKept) room = Buffer.allocUnsafeSlow(usualRoom)
      return pieces
    },
  }
}

/** A few Slots, as text. */
export function writtenOut(inPhrases: string): string {
  const { add, end } = writing()
  add(Buffer.from(`${endOfId}${endOfId}${inPhrases}`))
  return Buffer.concat(end()).toString()
}

/** Pieces of this size are sent as they are: soap/pieces.ts. */
const pieceBytes = 65_536

// ---- what each number stands for -------------------------------------------------------------------------------------

type Inserted = 'id' | 'id of a part' | 'what has changed'

/** A text that may have something between its two parts. */
interface Row {
  text: string
  between?: Inserted
  rest?: string
}

const statuses = Object.keys(statusTypes) as AvailabilityStatus[]
const rows: readonly Row[] = [
  ...phrases.map((phrase): Row => {
    const [text = '', rest] = phrase.split(ownId)
    return rest === undefined ? { text } : { text, between: 'id', rest }
  }),
  { text: '', between: 'id' },
  { text: 'urn:uuid:', between: 'id of a part' },
  ...statuses.map((status): Row => ({ text: ` status="${statusTypes[status]}">`, between: 'what has changed' })),
]
const [ownRow, partRow, statusRow] = [phrases.length, phrases.length + 1, phrases.length + 2]

/** Eight bytes are copied at a time: the last of them may lie behind the text. */
const margin = 8
const texts = Buffer.from(rows.map(({ text, rest = '' }) => text + rest).join('') + ' '.repeat(margin))
const textsView = new DataView(texts.buffer, texts.byteOffset, texts.length)
/** Of each row: where its text begins, where that ends and the rest begins, where the rest ends. */
const places = new Uint16Array(rows.length * 3)
let place = 0
for (const [index, { text, rest = '' }] of rows.entries()) {
  places.set([place, place + text.length, place + text.length + rest.length], index * 3)
  place += text.length + rest.length
}
const longest = Math.max(...rows.map(({ text, rest = '' }) => text.length + rest.length))
const insertions = { nothing: 0, id: 1, 'id of a part': 2, 'what has changed': 3 } as const
const inserted = rows.map(({ between }) => (between === undefined ? insertions.nothing : insertions[between]))
const patientIds = new Set(Object.values(identificationSchemes).map(({ patientId }) => identifiedBy(patientId)))
const namesPatient = phrases.map(phrase => patientIds.has(phrase))

// ---- writing ---------------------------------------------------------------------------------------------------------

const usualRoom = 2 * pieceBytes
const mostKept = 32 * pieceBytes
let room: Buffer = Buffer.allocUnsafeSlow(usualRoom)

/** Below are numbers, from here on characters that stand for themselves. */
const firstCharacter = 0x20
const [end, own, next, change] = [endOfId, ownId, nextId, changing].map(character => character.charCodeAt(0))

/**
 * All answers go through this loop, byte by byte: it calls little and makes no objects.
 *
 * @returns where the object ends in the room
 */
function write(inPhrases: Uint8Array, now: Present | undefined, at: number): number {
  const size = inPhrases.length
  const idEnd = inPhrases.indexOf(end as number)
  const stemEnd = inPhrases.indexOf(end as number, idEnd + 1)
  if (idEnd < 0 || stemEnd < 0) throw new Error('an object in phrases does not begin with its id')
  const kept = new DataView(inPhrases.buffer, inPhrases.byteOffset, size)
  const present = Buffer.from(now === undefined ? '' : lastUpdateXml(now))
  const patientId = now?.patientId === undefined ? undefined : Buffer.from(escapeXml(now.patientId))
  // All that stands for itself, and what the longest step adds.
  const needed = size + stemEnd + longest + margin + present.length + (patientId?.length ?? 0)
  makeRoom(at, needed)
  let bytes = room
  let view = viewOf(bytes)
  let to = at
  let parts = 0
  for (let from = stemEnd + 1; from < size; ) {
    if (from + 4 <= size) {
      const four = kept.getInt32(from, true)
      if (((four - 0x20202020) & ~four & 0x80808080) === 0) {
        // None of them is below the first character.
        view.setInt32(to, four, true)
        from += 4
        to += 4
        continue
      }
    }
    const byte = inPhrases[from++] as number
    if (byte >= firstCharacter) {
      bytes[to++] = byte
      continue
    }
    let row = byte - firstPhrase
    if (byte === lead) row += (inPhrases[from++] as number) - firstCharacter
    if (row < 0) row = byte === own ? ownRow : byte === next ? partRow : rowOfStatus(byte, now)
    else if (!(row < phrases.length)) throw new Error(`an object has phrase ${row}, which this version does not know`)
    if (to + needed > bytes.length) {
      makeRoom(to, needed)
      bytes = room
      view = viewOf(bytes)
    }
    const textEnd = places[3 * row + 1] as number
    to = copyText(view, to, places[3 * row] as number, textEnd)
    const what = inserted[row]
    if (what === insertions.nothing) continue
    if (what === insertions.id) {
      let index = 0
      for (; index + 4 <= idEnd; index += 4, to += 4) view.setInt32(to, kept.getInt32(index, true), true)
      for (; index < idEnd; index++) bytes[to++] = inPhrases[index] as number
      to = copyText(view, to, textEnd, places[3 * row + 2] as number)
      if (patientId === undefined || namesPatient[row] !== true) continue
      to += patientId.copy(bytes, to)
      while (from < size && (inPhrases[from] as number) >= firstCharacter) from++
    } else if (what === insertions['id of a part']) {
      for (let index = idEnd + 1; index < stemEnd; index++) bytes[to++] = inPhrases[index] as number
      for (let shift = 8; shift >= 0; shift -= 4) bytes[to++] = hexDigit(parts >> shift)
      parts += 1
    } else {
      to += present.copy(bytes, to)
    }
  }
  return to
}

function rowOfStatus(byte: number, now: Present | undefined): number {
  if (byte !== change || now === undefined) throw new Error(`an object in phrases has a character ${byte}`)
  return statusRow + statuses.indexOf(now.availabilityStatus)
}

function copyText(view: DataView, at: number, from: number, end: number): number {
  let to = at
  let source = from
  for (; source < end; source += 8, to += 8) view.setFloat64(to, textsView.getFloat64(source, true), true)
  return to - (source - end)
}

/** The Slot of a Folder's lastUpdateTime, which no phrase can hold since it changes; empty for whatever has none. [ITI TF-3:4.2.3.4.6] */
export function lastUpdateXml({ lastUpdateTime }: Present): string {
  if (lastUpdateTime === undefined) return ''
  return `${startOfSlot('lastUpdateTime')}${escapeXml(lastUpdateTime)}${endOfSlot}`
}

function hexDigit(number: number): number {
  const digit = number & 0xf
  return digit < 10 ? 0x30 + digit : 0x57 + digit
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}

function makeRoom(kept: number, needed: number): void {
  if (kept + needed <= room.length) return
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * room.length, kept + needed))
  room.copy(larger, 0, 0, kept)
  room = larger
}
