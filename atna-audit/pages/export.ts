// Records taken away: as a table, as data.
import { type Answer, file } from '../../pages/answers.js'
import { csvHead, csvLine } from '../../pages/csv.js'
import { isoOf } from '../../ports/clock.js'
import { bundleOf, tarOf } from '../repository/chain/bundle.js'
import { recordJson } from '../repository/record-json.js'
import { recordById } from '../repository/search.js'
import { type Fields, fieldsIn, spanIn } from './filters.js'
import { recordsFound } from './find.js'
import { problemPage } from './problems.js'
import { outcomeText, purposeText } from './record-view.js'
import { answeringSystem, askingSystem, plainSentence } from './sentence.js'
import type { TextName } from './texts/texts.js'
import type { Told } from './told.js'
import type { Reading } from './visit.js'

export const mostExported = 10_000

type Form = (visit: Reading, found: AsyncIterable<Told>, name: string) => Answer

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
async function* bundleFor({ house, person, query }: Reading, found: AsyncIterable<Told>): AsyncGenerator<Buffer> {
  const { store, chain, ports } = house
  await chain.seal()
  const ids: number[] = []
  for await (const { id } of found) ids.push(id)
  ids.sort((one, other) => one - other)
  const made = isoOf(ports.clock.now())
  const about = `carnet audit bundle 1\nmade ${made}\nfor ${JSON.stringify(person.name)}\nasked ${JSON.stringify(Object.fromEntries(query))}`
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

async function* csvOf({ texts, language }: Reading, found: AsyncIterable<Told>): AsyncGenerator<string> {
  yield csvHead(['id', ...columns.map(name => texts[name])])
  for await (const told of found) {
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
  }
}

async function* jsonOf({ house, language }: Reading, found: AsyncIterable<Told>): AsyncGenerator<string> {
  let separator = '[\n'
  for await (const told of found) {
    const record = recordById(house.store, told.id)
    if (record === undefined) continue
    yield separator + JSON.stringify({ ...recordJson(record), sentence: plainSentence(told, language) })
    separator = ',\n'
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n'
}
