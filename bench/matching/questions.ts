// What is asked of an index, by people who stand in it: each form of question a number of times.
import type { Wanted } from '../../transactions/hl7v3/demographics-query-codec.js'
import type { Person } from '../../transactions/person.js'
import type { MeasuredIndex } from './an-index.js'
import { ownDomain } from './an-index.js'

export interface Known {
  patientId: string
  person: Person
}

interface Question {
  name: string
  action: string
  request(known: Known): object
}

const demographics = 'urn:hl7-org:v3:PRPA_IN201305UV02'
const discovery = `${demographics}:CrossGatewayPatientDiscovery`
const pix = 'urn:hl7-org:v3:PRPA_IN201309UV02'

const message = { messageId: { root: '2.999.5', extension: '1' } }
const query = { ...message, queryId: { root: '2.999.5', extension: 'q' }, queryXml: '<queryByParameter/>' }
const nothing: Wanted = { names: [], addresses: [], telecoms: [], patientIds: [] }
const asked = (wanted: Partial<Wanted>) => ({ ...query, wanted: { ...nothing, ...wanted }, domains: [] })
const named = (family: string, ...given: string[]) => ({ names: [{ kind: 'current' as const, family, given }] })
const nameOf = ({ names: [name] }: Person) => named(name?.family ?? '', ...(name?.given ?? []))
const bornOf = ({ birthTime = '19600101' }: Person) => ({ born: { from: birthTime, to: birthTime } })
const asks = (name: string, action: string, wanted: (person: Person, known: Known) => Partial<Wanted>): Question => ({
  ...{ name, action },
  request: known => asked(wanted(known.person, known)),
})

const forms: readonly Question[] = [
  {
    name: 'ITI-45: id',
    action: pix,
    request: ({ patientId }) => ({ ...query, patientIds: [patientId], dataSources: [] }),
  },
  {
    name: 'ITI-45: id, into one domain',
    action: pix,
    request: ({ patientId }) => ({ ...query, patientIds: [patientId], dataSources: [ownDomain] }),
  },
  asks('ITI-47: id', demographics, (_, { patientId }) => ({ patientIds: [patientId] })),
  asks('ITI-47: name', demographics, nameOf),
  asks('ITI-47: family name', demographics, ({ names: [name] }) => named(name?.family ?? '')),
  asks('ITI-47: name, birthday', demographics, person => ({ ...nameOf(person), ...bornOf(person) })),
  asks('ITI-47: name, birthday, sex, address', demographics, person => ({
    ...{ ...nameOf(person), ...bornOf(person), addresses: person.addresses },
    ...(person.gender === undefined ? {} : { gender: person.gender }),
  })),
  asks('ITI-47: name mistyped, birthday', demographics, person => ({
    ...{ ...named((person.names[0]?.family ?? '').replace(/(.)(.)$/, '$2$1'), ...(person.names[0]?.given ?? [])) },
    ...bornOf(person),
  })),
  asks('ITI-47: name, birthday mistyped', demographics, person => ({
    ...{ ...nameOf(person), ...bornOf({ ...person, birthTime: (person.birthTime ?? '').replace(/(.)(.)$/, '$2$1') }) },
  })),
  asks('ITI-47: family name, year of birth', demographics, person => ({
    ...named(person.names[0]?.family ?? ''),
    born: { from: (person.birthTime ?? '1960').slice(0, 4), to: (person.birthTime ?? '1960').slice(0, 4) },
  })),
  asks('ITI-47: family name, town', demographics, person => ({
    ...named(person.names[0]?.family ?? ''),
    addresses: person.addresses.map(({ postalCode = '', city = '' }) => ({ lines: [], postalCode, city })),
  })),
  asks('ITI-47: beginning of the family name', demographics, ({ names: [name] }) =>
    named(`${(name?.family ?? '').slice(0, 4)}*`),
  ),
  asks('ITI-47: three letters and given name', demographics, ({ names: [name] }) =>
    named(`${(name?.family ?? '').slice(0, 3)}*`, name?.given[0] ?? ''),
  ),
  asks('ITI-47: three letters and birthday', demographics, person => ({
    ...named(`${(person.names[0]?.family ?? '').slice(0, 3)}*`),
    ...bornOf(person),
  })),
  asks('ITI-47: one letter', demographics, ({ names: [name] }) => named(`${(name?.family ?? 'a').slice(0, 1)}*`)),
  asks('ITI-47: birthday', demographics, bornOf),
  asks('ITI-47: telephone', demographics, ({ telecoms }) => ({ telecoms: telecoms.slice(0, 1) })),
  asks('ITI-47: Müller', demographics, () => named('Müller')),
  asks('ITI-47: Müller, Peter', demographics, () => named('Müller', 'Peter')),
  asks('ITI-47: Müller, birthday', demographics, person => ({ ...named('Müller'), ...bornOf(person) })),
  asks('ITI-47: Müller, town', demographics, person => ({
    ...named('Müller'),
    addresses: person.addresses.map(({ postalCode = '', city = '' }) => ({ lines: [], postalCode, city })),
  })),
  asks('ITI-47: Peter', demographics, () => named('', 'Peter')),
  asks('ITI-55: id', discovery, (_, { patientId }) => ({ patientIds: [patientId] })),
  asks('ITI-55: name, birthday, sex', discovery, person => ({
    ...{ ...nameOf(person), ...bornOf(person) },
    ...(person.gender === undefined ? {} : { gender: person.gender }),
  })),
]

export const questions: readonly Question[] = forms.map(form => {
  if (form.action !== discovery) return form
  const between = { senderCommunity: '2.999.80', receiverCommunity: '2.999.9' }
  return { ...form, request: known => ({ ...form.request(known), ...between }) }
})

export interface Took {
  name: string
  p50Ms: number
  p99Ms: number
  mostMs: number
  cpuP50Ms: number
  cpuP99Ms: number
  /** Answers that tell of somebody. */
  answered: number
}

export async function timed(index: MeasuredIndex, question: Question, known: readonly Known[]): Promise<Took> {
  const took: number[] = []
  const cost: number[] = []
  let answered = 0
  for (const each of known) {
    const request = question.request(each)
    const began = process.cpuUsage()
    const beganMs = performance.now()
    const answer = (await index.ask(question.action, request)) as { responseCode?: string }
    took.push(performance.now() - beganMs)
    const { user, system } = process.cpuUsage(began)
    cost.push((user + system) / 1_000)
    if (answer.responseCode === 'OK') answered += 1
  }
  const at = (values: number[], share: number) => {
    values.sort((one, other) => one - other)
    return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0
  }
  return {
    name: question.name,
    ...{ p50Ms: at(took, 0.5), p99Ms: at(took, 0.99), mostMs: at(took, 1) },
    ...{ cpuP50Ms: at(cost, 0.5), cpuP99Ms: at(cost, 0.99), answered },
  }
}
