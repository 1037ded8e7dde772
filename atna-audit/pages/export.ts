// Records taken away: as a table, as data.
import { type Answer, file } from '../../pages/answers.js'
import { csvHead, csvLine } from '../../pages/csv.js'
import { filled } from '../../pages/languages.js'
import { isoOf } from '../../ports/clock.js'
import { bundleOf, tarOf } from '../repository/chain/bundle.js'
import { recordJson } from '../repository/record-json.js'
import { recordById } from '../repository/search.js'
import { type Fields, fieldsIn, spanIn } from './filters.js'
import { type Ending, recordsFound } from './find.js'
import { problemPage } from './problems.js'
import { outcomeText, purposeText } from './record-view.js'
import { answeringSystem, askingSystem, plainSentence } from './sentence.js'
import type { TextName } from './texts/texts.js'
import type { Told } from './told.js'
import type { Reading } from './visit.js'

export const mostExported = 10_000

/** Its end says whether there may be more. */
type Found = AsyncGenerator<Told, Pick<Ending, 'next'>>

type Form = (visit: Reading, found: Found, name: string) => Answer

const forms: Readonly<Record<string, Form>> = {
  csv: (visit, found, name) => file(`${name}.csv`, 'text/csv; charset=utf-8; header=present', csvOf(visit, found)),
  bundle: (visit, found, name) => file(`${name}.tar`, 'application/x-tar', bundleFor(visit, found)),
  json: (visit, found, name) => file(`${name}.json`, 'application/json', jsonOf(visit, found)),
}

/** Written as it is found, so that its size is nowhere in memory. Patients' data are in it: the route asks for the leave `export`. */
export function exportRecords(visit: Reading): Answer {
  const { query, house } = visit
  const form = query.get('form') ?? ''
  if (!Object.hasOwn(forms, form)) return problemPage(visit, 404, 'problem.notFound')
  const fields: Fields = fieldsIn(query)
  const { store, ports, config } = house
  const found = recordsFound(
    { store, clock: ports.clock },
    { fields, span: spanIn(fields, config.timeZone), seesPatients: true, limit: mostExported },
  )
  const name = `audit-${isoOf(ports.clock.now()).slice(0, 19).replace(/[:T]/g, '-')}`
  return forms[form]!(visit, found, name)
}

/** The records with proofs that they stand in the signed tree. docs/AUDIT-PROOF.md */
async function* bundleFor({ house, person, query, texts }: Reading, found: Found): AsyncGenerator<Buffer> {
  const { store, chain, ports } = house
  await chain.seal()
  const ids: number[] = []
  let told = await found.next()
  for (; told.done !== true; told = await found.next()) ids.push(told.value.id)
  const more = told.value.next === undefined ? '' : `\nnote ${notAll(texts)}`
  ids.sort((one, other) => one - other)
  const made = isoOf(ports.clock.now())
  const about = `carnet audit bundle 1\nmade ${made}\nfor ${JSON.stringify(person.name)}\nasked ${JSON.stringify(Object.fromEntries(query))}${more}`
  yield* tarOf(bundleOf(store, { ids, about }, { sign: text => chain.sign(text) }), ports.clock.now())
}

const columns: readonly TextName[] = [
  'record.event',
  'column.what',
  'record.kind',
  'record.outcome',
  'record.why',
  'record.person',
  'record.from',
  'record.to',
  'record.patient',
  'record.document',
  'record.purpose',
  'record.writer',
  'record.trace',
]

/** @returns what `found` ends with */
async function* each<Piece, End>(
  found: AsyncGenerator<Told, End>,
  write: (told: Told) => Iterable<Piece>,
): AsyncGenerator<Piece, End> {
  for (;;) {
    const { value, done } = await found.next()
    if (done === true) return value
    yield* write(value)
  }
}

/** In the file itself, for it goes to people who have not seen the search. */
function notAll(texts: Reading['texts']): string {
  return filled(texts['export.notAll'], { count: String(mostExported) })
}

type Words = Pick<Reading, 'texts' | 'language'>

export async function* csvOf({ texts, language }: Words, found: Found): AsyncGenerator<string> {
  yield csvHead(['id', ...columns.map(name => texts[name])])
  const { next } = yield* each(found, function* (told) {
    yield csvLine([
      told.id,
      isoOf(told.eventMs),
      plainSentence(told, language),
      `${told.kind} ${told.kindText}`.trim(),
      outcomeText(told.outcome, texts),
      told.problem ?? told.description,
      told.people.map(({ name }) => name).join('; '),
      askingSystem(told)?.name,
      answeringSystem(told)?.name,
      told.patients.join('; '),
      told.documents.join('; '),
      told.purposes.map(({ code, text }) => purposeText(code, texts, text)).join('; '),
      [told.source, told.host].filter(Boolean).join(' – '),
      told.traceId,
    ])
  })
  if (next !== undefined) yield csvLine([undefined, undefined, notAll(texts), ...columns.slice(2).map(() => undefined)])
}

export async function* jsonOf({ house, language, texts }: Words & Pick<Reading, 'house'>, found: Found) {
  let separator = '[\n'
  const { next } = yield* each(found, function* (told): Generator<string> {
    const record = recordById(house.store, told.id)
    if (record === undefined) return
    yield separator + JSON.stringify({ ...recordJson(record), sentence: plainSentence(told, language) })
    separator = ',\n'
  })
  if (next !== undefined) yield `${separator}${JSON.stringify({ sentence: notAll(texts) })}\n]\n`
  else yield separator === '[\n' ? '[]\n' : '\n]\n'
}
