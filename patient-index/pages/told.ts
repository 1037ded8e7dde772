// What a record tells of a person, as people write it down.
import type { PersonName } from '../../transactions/person.js'
import type { PatientRecord } from '../kept/records.js'
import type { Trait } from '../matching/weights.js'
import type { Visit } from './visit.js'

/** One line each; none where nothing is told. */
export const linesOf: Readonly<Record<Trait, (record: PatientRecord, visit: Visit) => string[]>> = {
  family: ({ body }, { texts }) =>
    body.names.filter(({ family }) => family !== '').map(name => withKind(name.family, name, texts)),
  given: ({ body }) => [...new Set(body.names.map(({ given }) => given.join(' ')))].filter(Boolean),
  born: ({ body }) => (body.birthTime === undefined ? [] : [dayOf(body.birthTime)]),
  gender: ({ body }, { texts }) => (body.gender === undefined ? [] : [texts[`gender.${body.gender}`]]),
  address: ({ body }) =>
    body.addresses.map(({ lines, postalCode = '', city = '', country = '' }) =>
      [...lines, `${postalCode} ${city}`.trim(), country].filter(Boolean).join(', '),
    ),
  reached: ({ body }) => body.telecoms.map(url => url.replace(/^(?:tel|mailto):/i, '')),
}

export const nameOf = ({ body }: PatientRecord): string => {
  const [name] = body.names
  return name === undefined ? '' : `${name.family} ${name.given.join(' ')}`.trim()
}

export const bornOf = ({ body }: PatientRecord): string => (body.birthTime === undefined ? '' : dayOf(body.birthTime))

function withKind(family: string, { kind }: PersonName, texts: Visit['texts']): string {
  return kind === 'current' ? family : `${family} (${texts[`name.${kind}`]})`
}

/** As it stands on cards of the country; a year or a month alone where no more is known. */
function dayOf(digits: string): string {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6, 8)]
  return [day, month, year].filter(part => part !== '').join('.')
}
