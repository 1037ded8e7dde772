// Persons and their numbers in the words of the population registers. [eCH-0213-commons, eCH-0044]
import { namespaces } from '../../soap/namespaces.js'
import { escapeXml, type XmlElement } from '../../soap/xml.js'
import type { Notice, Pid, Pids, RegisteredPerson } from './upi.js'

/** Each name stands once where it is looked for, whatever its namespace. */
export function inside(element: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>(
    (found, name) => found?.children.find(child => child.name === name),
    element,
  )
}

export function allInside(element: XmlElement | undefined, name: string): XmlElement[] {
  return (element?.children ?? []).filter(child => child.name === name)
}

/** Trimmed and cut to what such a field may have; undefined where it is empty or not there. */
export function textInside(element: XmlElement | undefined, ...path: string[]): string | undefined {
  return (
    inside(element, ...path)
      ?.text.trim()
      .slice(0, mostCharacters) || undefined
  )
}

/** [eCH-0044: baseNameType] and more than any number has. */
const mostCharacters = 100

export function pidsIn(element: XmlElement | undefined): Pids {
  const vn = textInside(element, 'vn')
  const spids = allInside(element, 'SPID').map(spid => spid.text.trim().slice(0, mostCharacters))
  return { ...(vn === undefined ? {} : { vn }), spids }
}

/** Content of pidsToUPI and pids. */
export function pidsXml({ vn, spids }: Pids): string {
  const texts = spids.map(spid => `<c:SPID>${escapeXml(spid)}</c:SPID>`)
  return `${vn === undefined ? '' : `<c:vn>${escapeXml(vn)}</c:vn>`}${texts.join('')}`
}

export function asPids(pid: Pid): Pids {
  return 'vn' in pid ? { vn: pid.vn, spids: [] } : { spids: [pid.spid] }
}

/** Undefined where a name or the birthday is missing, without which nobody is told from others. The birthday is as exact as it came. [eCH-0044] */
export function personIn(element: XmlElement | undefined): RegisteredPerson | undefined {
  const [firstName, officialName] = ['firstName', 'officialName'].map(name => textInside(element, name))
  const dateOfBirth = ['yearMonthDay', 'yearMonth', 'year'].map(name => textInside(element, 'dateOfBirth', name))
  const [born] = dateOfBirth.filter(text => text !== undefined)
  if (firstName === undefined || officialName === undefined || born === undefined) return undefined
  const originalName = textInside(element, 'originalName')
  const sex = sexes.find(each => each === textInside(element, 'sex'))
  return {
    ...{ firstName, officialName, dateOfBirth: born },
    ...(originalName === undefined ? {} : { originalName }),
    ...(sex === undefined ? {} : { sex }),
  }
}

const sexes = ['1', '2', '3'] as const

/** Content of personToUPI. */
export function personXml({ firstName, officialName, originalName, sex, dateOfBirth }: RegisteredPerson): string {
  return [
    `<c:firstName>${named(firstName)}</c:firstName><c:officialName>${named(officialName)}</c:officialName>`,
    originalName === undefined ? '' : `<c:originalName>${named(originalName)}</c:originalName>`,
    sex === undefined ? '' : `<c:sex>${sex}</c:sex>`,
    `<c:dateOfBirth>${bornXml(dateOfBirth)}</c:dateOfBirth>`,
  ].join('')
}

/** Content of personFromUPI; it always says where somebody was born and of what nation, known or not. [eCH-0011] */
export function personFromUpiXml(person: RegisteredPerson): string {
  const { sex = '3' } = person
  return (
    personXml({ ...person, sex }) +
    '<c:placeOfBirth><p:unknown>0</p:unknown></c:placeOfBirth>' +
    '<c:nationalityData><p:nationalityStatus>0</p:nationalityStatus></c:nationalityData>'
  )
}

function named(text: string): string {
  return escapeXml(text.slice(0, mostCharacters))
}

function bornXml(date: string): string {
  const element = date.length === 10 ? 'yearMonthDay' : date.length === 7 ? 'yearMonth' : 'year'
  return `<i:${element}>${escapeXml(date)}</i:${element}>`
}

/** Code 0 where none is said, or none that is a number. */
export function noticeIn(element: XmlElement | undefined): Notice {
  const code = textInside(element, 'code') ?? ''
  const words = ['codeDescription', 'comment'].flatMap(name => inside(element, name)?.text.trim().slice(0, 500) || [])
  return { code: /^-?\d{1,9}$/.test(code) ? Number(code) : 0, text: words.join(': ') || 'without a reason' }
}

/** Content of notice and warning. */
export function noticeXml({ code, text }: Notice): string {
  const described = `<c:descriptionLanguage>EN</c:descriptionLanguage><c:codeDescription>${escapeXml(text.slice(0, 300))}`
  return `<c:code>${code}</c:code>${described}</c:codeDescription>`
}

/** Of all that is written here. */
export const echNamespaces =
  `xmlns:h="${namespaces.ech0058}" xmlns:c="${namespaces.ech0213Commons}" ` +
  `xmlns:i="${namespaces.ech0044}" xmlns:p="${namespaces.ech0011}"`
