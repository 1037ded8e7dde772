// What a service remembers of an exchange, for people: who sent what, each broken rule with its clause in words, what to do about it.
import type { RegistryError } from '../../metadata/model.js'
import type { Hl7Excerpt, Story } from '../../server/explanations/story.js'
import { anonymous } from '../../soap/addressing.js'
import { namespaces } from '../../soap/namespaces.js'
import { isElement, parseXml, type XmlElement } from '../../soap/xml.js'
import { clauseInWords } from '../../transactions/clauses.js'
import { oneLine } from '../table.js'
import { adviceFor, adviceForFault } from './advice.js'

export interface ExplainedError extends RegistryError {
  /** The rule that it names, in words. */
  clauses: { tag: string; words: string }[]
  next: string
}

/** Clauses are those in brackets at the end of the error's codeContext, as our services write them; none where another's says none. */
export function explained(error: RegistryError): ExplainedError {
  const tags = /\[([^\]]+)\](?: \(trace [0-9a-f]{32}\))?\s*$/.exec(error.codeContext)?.[1]?.split(/,\s*/) ?? []
  const clauses = tags.map(tag => ({ tag, words: clauseInWords(tag) ?? 'not a clause that this version knows' }))
  return { ...error, clauses, next: adviceFor(error.errorCode) }
}

export function storyInWords(story: Story): string[] {
  return [...headOf(story), '', ...answerInWords(story), '', ...requestInWords(story)]
}

/** One line for a list. */
export function storyLine({ at, trace, transaction, partner, answer }: Story): string {
  const { outcome, errors = [], fault, detail } = answer
  const codes = [...new Set(errors.map(({ errorCode }) => errorCode))].join(', ')
  const why = codes || fault?.reason || detail || ''
  return oneLine(`${at}  ${trace}  ${transaction?.id ?? 'unknown'}  ${partner.name}  ${outcome}  ${why}`).slice(0, 300)
}

function headOf({ actor, at, transaction, partner, endpoint, milliseconds, message }: Story): string[] {
  const what = transaction === undefined ? 'a request of no known transaction' : `${transaction.id} ${transaction.name}`
  const { form, messageID = 'without a MessageID', replyTo = anonymous } = message ?? {}
  return [
    oneLine(`${actor}: ${what}`),
    `  from     ${oneLine(partner.name)} (${partner.address}) at ${at}, answered in ${milliseconds} ms`,
    `  to       ${oneLine(endpoint)}`,
    ...(message === undefined ? [] : [`  message  ${oneLine(messageID)} (${form})`]),
    ...(replyTo === anonymous ? [] : [`  reply    to ${oneLine(replyTo)}`]),
  ]
}

function answerInWords({ answer }: Story): string[] {
  const { outcome, errors = [], fault, detail = '' } = answer
  const lines = [`  answered ${outcome}${detail === '' ? '' : `: ${oneLine(detail)}`}`, ...clausesIn(detail)]
  if (fault !== undefined) {
    lines.push(`    ${[fault.code, ...fault.subcodes].join(' / ')}: ${oneLine(fault.reason)}`)
    lines.push(`    next:    ${adviceForFault(fault)}`)
  }
  for (const [index, error] of errors.map(explained).entries()) lines.push(...errorInWords(error, index + 1))
  return lines
}

/** An acknowledgement tells each broken rule in a line that ends with its clause. */
function clausesIn(detail: string): string[] {
  const tags = [...detail.matchAll(/\[([^\]\n]+)\]\s*$/gm)].map(([, tag = '']) => tag)
  const known = [...new Set(tags)].flatMap(tag => {
    const words = clauseInWords(tag)
    return words === undefined ? [] : [`    clause:  ${oneLine(tag)}: ${words}`]
  })
  return known.slice(0, mostClauses)
}

const mostClauses = 20

function errorInWords({ errorCode, codeContext, severity, location, clauses, next }: ExplainedError, number: number) {
  return [
    '',
    `  ${number}. ${severity === 'Warning' ? 'Warning ' : ''}${oneLine(errorCode)}`,
    `    ${oneLine(codeContext)}`,
    ...(location === undefined || location === '' ? [] : [`    at:      ${oneLine(location)}`]),
    ...clauses.map(({ tag, words }) => `    clause:  ${oneLine(tag)}: ${words}`),
    `    next:    ${next}`,
  ]
}

const mostLines = 400

function requestInWords({ request }: Story): string[] {
  if (request === undefined) return ['  the request was not kept, or could not be read']
  if ('hl7' in request) return hl7InWords(request)
  const left = [
    request.documentsLeftOut === 0 ? '' : `${request.documentsLeftOut} document(s) left out`,
    request.cut ? 'the end is missing: it was too long to be kept' : '',
  ].filter(Boolean)
  const lines = request.xml === '' ? [] : indented(parseXml(request.xml), '    ')
  const more = lines.length > mostLines ? [`    … ${lines.length - mostLines} more lines; --request FILE has them`] : []
  return [`  request${left.length === 0 ? '' : ` (${left.join('; ')})`}:`, ...lines.slice(0, mostLines), ...more]
}

/** A segment a line. */
function hl7InWords({ hl7, cut }: Hl7Excerpt): string[] {
  const lines = hl7.split(/\r\n?|\n/).filter(line => line.trim() !== '')
  const more = lines.length > mostLines ? [`    … ${lines.length - mostLines} more lines; --request FILE has them`] : []
  const left = cut ? ' (the end is missing: it was too long to be kept)' : ''
  return [`  message${left}:`, ...lines.slice(0, mostLines).map(shown), ...more]
}

function shown(line: string): string {
  const text = oneLine(line)
  return `    ${text.length <= mostOfLine ? text : `${text.slice(0, mostOfLine)}… (${text.length} characters)`}`
}

const mostOfLine = 1_000

/** An element a line, names without prefixes: for reading, not for sending. */
function indented(element: XmlElement, margin: string): string[] {
  const { name, attributes } = element
  const start = [name, ...attributes.map(each => `${each.name}="${oneLine(each.value)}"`)].join(' ')
  const values = slotValues(element)
  const text = oneLine(values?.join('  |  ') ?? element.text.trim())
  const children = values === undefined ? element.children : []
  if (children.length === 0) return [`${margin}<${start}${text === '' ? '/>' : `>${text}</${name}>`}`]
  return [
    `${margin}<${start}>${text}`,
    ...children.flatMap(child => indented(child, `${margin}  `)),
    `${margin}</${name}>`,
  ]
}

/** A Slot is a name and a few values; it need not take five lines. */
function slotValues(element: XmlElement): string[] | undefined {
  const [list, ...others] = element.children
  const isSlot = isElement(element, namespaces.rim, 'Slot') && list !== undefined && others.length === 0
  if (!isSlot || list.children.some(({ children }) => children.length > 0)) return undefined
  return list.children.map(value => value.text.trim())
}
