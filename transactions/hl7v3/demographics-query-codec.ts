// PRPA_IN201305UV02 asks for people by what is known of them: ITI-47 and, between communities, ITI-55. ITI TF-2 §3.47.4.1.2, §3.55.4.1.2.
import { cxOf, instanceIdentifierOf } from '../../metadata/hl7.js'
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf, escapeXml, type XmlElement } from '../../soap/xml.js'
import type { Address, AdministrativeGender, PersonName } from '../person.js'
import { expectElement } from '../registry-response-codec.js'
import type { Codec } from '../transaction.js'
import { descendants, idXml, inDomain, instanceIdentifier, wrapperXml } from './message.js'
import { addressIn, addressXml, genderOf, namesIn, nameXml, timeOf } from './person-codec.js'
import {
  codeOf,
  countValues,
  locationOf,
  mostValues,
  parametersOf,
  type QueryMessage,
  type QueryProblem,
  queryMessageOf,
} from './query.js'

/** What is known of whoever is looked for; all of it has to fit. */
export interface Wanted {
  /** Any of them. */
  names: PersonName[]
  gender?: AdministrativeGender
  /** Digits of DTMs, both inclusive; equal for one day. */
  born?: { from: string; to: string }
  addresses: Address[]
  telecoms: string[]
  /** As CX, any of them; an id without an extension is a domain. */
  patientIds: string[]
  mothersMaidenName?: string
}

export interface DemographicsQuery extends QueryMessage {
  wanted: Wanted
  /** OIDs of the domains whose ids are wanted; all that the asker may see when there are none. */
  domains: string[]
  /** How many to tell at first. */
  initialQuantity?: number
  /** Hits that fit less than this, of 100, are not wanted. */
  minimumDegree?: number
  /** OID of the authority whose ids the asker knows people by; one of `wanted` may be such an id. [ITI TF-2:3.55.4.1.2.4] */
  authority?: string
  /** `D` where the answer is wanted later, at `respondTo`. [ITI TF-2:3.55.6.2] */
  priority?: 'D'
  /** What was said and cannot be read: without it more people would fit than were meant. */
  unreadable?: QueryProblem[]
}

const asks = { name: 'PRPA_IN201305UV02', trigger: 'PRPA_TE201305UV02' }

export const demographicsRequest: Codec<DemographicsQuery> = {
  element: { namespace: namespaces.hl7v3, name: asks.name },
  decode(body) {
    expectElement(body, demographicsRequest.element)
    const count = countValues(body)
    if (count > mostValues)
      return Object.assign(queryMessageOf(body), { wanted: nobody, domains: [], unreadable: [tooMany(count)] })
    const initialQuantity = numberAt(body, numbers.quantity)
    const minimumDegree = numberAt(body, numbers.degree)
    const unreadable = unreadableIn(body)
    const [authority] = descendants(body, authorityPath).map(id => instanceIdentifier(id).root)
    return {
      ...queryMessageOf(body),
      wanted: wantedIn(body),
      domains: parametersOf(body, 'otherIDsScopingOrganization').flatMap(values =>
        values.map(value => inDomain(value).root).filter(Boolean),
      ),
      ...(initialQuantity === undefined ? {} : { initialQuantity }),
      ...(minimumDegree === undefined ? {} : { minimumDegree }),
      ...(authority === undefined || authority === '' ? {} : { authority }),
      ...(isDeferred(body) ? { priority: 'D' } : {}),
      ...(unreadable.length === 0 ? {} : { unreadable }),
    }
  },
  encode: query => ({
    xml: [
      `<${asks.name} xmlns="${namespaces.hl7v3}" ITSVersion="XML_1.0">${wrapperXml(asks.name, query, 'AL')}` +
        `<controlActProcess classCode="CACT" moodCode="EVN"><code code="${asks.trigger}" codeSystem="2.16.840.1.113883.1.18"/>` +
        authorityXml(query.authority) +
        `${query.queryXml === '' ? demographicsXml(query) : query.queryXml}</controlActProcess></${asks.name}>`,
    ],
  }),
}

const nobody: Wanted = { names: [], addresses: [], telecoms: [], patientIds: [] }

function tooMany(count: number): QueryProblem {
  return {
    text: `parameterList: expected at most ${mostValues} values, found ${count} [ITI TF-2: Table 3.47.4.1.2-1]`,
    location: `/${asks.name}/controlActProcess/queryByParameter/parameterList`,
  }
}

const authorityPath = ['controlActProcess', 'authorOrPerformer', 'assignedDevice', 'id']

function authorityXml(oid: string | undefined): string {
  if (oid === undefined) return ''
  return `<authorOrPerformer typeCode="AUT"><assignedDevice classCode="ASSIGNED">${idXml({ root: oid })}</assignedDevice></authorOrPerformer>`
}

function isDeferred(body: XmlElement): boolean {
  const [query] = descendants(body, ['controlActProcess', 'queryByParameter'])
  return codeOf(query, 'responsePriorityCode') === 'D'
}

interface NumberPlace {
  path: readonly string[]
  expected: string
  is: RegExp
}

/** How many, and how well they are to fit. */
const numbers = {
  quantity: { path: ['initialQuantity'], expected: 'a number', is: /^\d+$/ },
  degree: {
    path: ['matchCriterionList', 'minimumDegreeMatch', 'value'],
    expected: 'a number up to 100',
    is: /^\d{1,3}(?:\.\d+)?$/,
  },
} satisfies Record<string, NumberPlace>

function numberAt(body: XmlElement, place: NumberPlace): number | undefined {
  const value = saidAt(body, place)
  return place.is.test(value) ? Number(value) : undefined
}

function saidAt(body: XmlElement, { path }: NumberPlace): string {
  const [said] = descendants(body, ['controlActProcess', 'queryByParameter', ...path])
  return (said && attributeOf(said, 'value')?.trim()) ?? ''
}

function unreadableNumber(body: XmlElement, place: NumberPlace): QueryProblem[] {
  const { path, expected, is } = place
  const found = saidAt(body, place)
  if (found === '' || is.test(found)) return []
  const name = path.at(-1) === 'value' ? path.at(-2) : path.at(-1)
  const text = `${name}: expected ${expected}, found "${found.slice(0, 60)}" [ITI TF-2: Table 3.47.4.1.2-1]`
  return [{ location: `/${asks.name}/controlActProcess/queryByParameter/${path.join('/')}`, text }]
}

function wantedIn(body: XmlElement): Wanted {
  const values = (name: string) => parametersOf(body, name).flat()
  const [gender] = values('livingSubjectAdministrativeGender').map(value => attributeOf(value, 'code')?.trim())
  const [born] = values('livingSubjectBirthTime').map(bornIn)
  const [maiden] = values('mothersMaidenName').flatMap(namesIn)
  return {
    names: values('livingSubjectName').flatMap(namesIn),
    ...(gender === undefined || gender === '' ? {} : { gender: genderOf(gender) }),
    ...(born === undefined ? {} : { born }),
    addresses: values('patientAddress').map(addressIn),
    telecoms: values('patientTelecom').flatMap(value => attributeOf(value, 'value')?.trim() || []),
    // An id of no domain is nobody's; left out it would ask for everybody.
    patientIds: values('livingSubjectId')
      .filter(isSaid)
      .map(value => {
        const { root, extension = '' } = inDomain(value)
        return cxOf(root, extension)
      }),
    ...(maiden === undefined ? {} : { mothersMaidenName: maiden.family }),
  }
}

const isSaid = (value: XmlElement) => attributeOf(value, 'nullFlavor') === undefined

/** What each parameter has to be, and where. [ITI TF-2: Table 3.47.4.1.2-1] */
function unreadableIn(body: XmlElement): QueryProblem[] {
  const faults = (name: string, expected: string, said: (value: XmlElement) => string | undefined, is: RegExp) =>
    parametersOf(body, name).flatMap((values, place) =>
      values.filter(isSaid).flatMap((value): QueryProblem[] => {
        const found = said(value)?.trim()
        if (found === undefined || found === '' || is.test(found)) return []
        const text = `${name}: expected ${expected}, found "${found.slice(0, 60)}" [ITI TF-2: Table 3.47.4.1.2-1]`
        return [{ location: locationOf(asks.name, name, place), text }]
      }),
    )
  const time = (part?: string) => (value: XmlElement) => {
    const at = part === undefined ? value : childOf(value, namespaces.hl7v3, part)
    return at && attributeOf(at, 'value')
  }
  const isTime = /^(?:\d{4}|\d{6}|\d{8})(?:\d{2}){0,3}(?:\.\d+)?(?:[+-]\d{4})?$/
  const born = [undefined, 'low', 'high', 'center'].flatMap(part =>
    faults('livingSubjectBirthTime', 'a time as YYYYMMDD', time(part), isTime),
  )
  const genders = /^(?:M|F|UN|UNK|U|O|A|N)$/
  return [
    ...Object.values(numbers).flatMap(place => unreadableNumber(body, place)),
    ...born,
    ...faults('livingSubjectAdministrativeGender', 'M, F or UN', value => attributeOf(value, 'code'), genders),
  ]
}

/** A time, or an interval of times. [ITI TF-2: Table 3.47.4.1.2-1] */
function bornIn(value: XmlElement): Wanted['born'] {
  const bound = (name: string) => {
    const said = childOf(value, namespaces.hl7v3, name)
    return timeOf(said && attributeOf(said, 'value'))
  }
  const at = timeOf(attributeOf(value, 'value')) ?? bound('center')
  if (at !== undefined) return { from: at, to: at }
  const [from, to] = [bound('low'), bound('high')]
  return from === undefined && to === undefined ? undefined : { from: from ?? '0000', to: to ?? '9999' }
}

function demographicsXml(query: DemographicsQuery): string {
  const { queryId, wanted, domains, initialQuantity, minimumDegree, priority = 'I' } = query
  const { names, gender, born, addresses, telecoms, patientIds, mothersMaidenName } = wanted
  return [
    `<queryByParameter><queryId${idXml(queryId).slice('<id'.length)}`,
    '<statusCode code="new"/><responseModalityCode code="R"/>',
    `<responsePriorityCode code="${priority}"/>`,
    initialQuantity === undefined
      ? ''
      : `<initialQuantity value="${initialQuantity}"/><initialQuantityCode code="RD" codeSystem="2.16.840.1.113883.5.1112"/>`,
    minimumDegree === undefined
      ? ''
      : `<matchCriterionList>${parameterXml('minimumDegreeMatch', [intXml(minimumDegree)], 'MinimumDegreeMatch')}</matchCriterionList>`,
    '<parameterList>',
    gender === undefined
      ? ''
      : parameterXml(
          'livingSubjectAdministrativeGender',
          [`<value code="${gender}"/>`],
          'LivingSubject.administrativeGender',
        ),
    born === undefined ? '' : parameterXml('livingSubjectBirthTime', [bornXml(born)], 'LivingSubject.birthTime'),
    ...patientIds.map(id => parameterXml('livingSubjectId', [idValueXml(id)], 'LivingSubject.id')),
    // A parameter for each, with one value: the others are further names, not further parts. [ITI TF-2: Table 3.47.4.1.2-1]
    ...names.map(name => parameterXml('livingSubjectName', [asValue(name)], 'LivingSubject.name')),
    mothersMaidenName === undefined
      ? ''
      : parameterXml(
          'mothersMaidenName',
          [`<value><family>${escapeXml(mothersMaidenName)}</family></value>`],
          'Person.MothersMaidenName',
        ),
    ...domains.map(root =>
      parameterXml(
        'otherIDsScopingOrganization',
        [`<value root="${escapeXml(root)}"/>`],
        'OtherIDs.scopingOrganization.id',
      ),
    ),
    addresses.length === 0
      ? ''
      : parameterXml(
          'patientAddress',
          addresses.map(address => inValue(addressXml(address), 'addr')),
          'Patient.addr',
        ),
    telecoms.length === 0
      ? ''
      : parameterXml(
          'patientTelecom',
          telecoms.map(value => `<value value="${escapeXml(value)}"/>`),
          'Patient.telecom',
        ),
    '</parameterList></queryByParameter>',
  ].join('')
}

function parameterXml(name: string, values: string[], semantics: string): string {
  return `<${name}>${values.join('')}<semanticsText>${semantics}</semanticsText></${name}>`
}

const intXml = (value: number) => `<value value="${value}"/>`

function bornXml({ from, to }: { from: string; to: string }): string {
  if (from === to) return `<value value="${escapeXml(from)}"/>`
  return `<value><low value="${escapeXml(from)}"/><high value="${escapeXml(to)}"/></value>`
}

function idValueXml(cx: string): string {
  const { root, extension = '' } = instanceIdentifierOf(cx) ?? { root: cx.split('&')[1] ?? '' }
  const local = extension === '' ? '' : ` extension="${escapeXml(extension)}"`
  return `<value root="${escapeXml(root)}"${local}/>`
}

const asValue = (name: PersonName) => inValue(nameXml(name), 'name')

function inValue(xml: string, element: string): string {
  return xml.replace(`<${element}`, '<value').replace(`</${element}>`, '</value>')
}
