// What queries of HL7 v3 and their answers have in common: PIX, demographics and discovery. ITI TF-2 §3.45, §3.47, §3.55.
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, escapeXml, serialiseXml, type XmlElement } from '../../soap/xml.js'
import {
  descendants,
  type InstanceIdentifier,
  idXml,
  instanceIdentifier,
  messageIdOf,
  type Route,
  routeOf,
  uuidFrom,
  wrapperXml,
} from './message.js'

export interface QueryMessage extends Route {
  messageId: InstanceIdentifier
  queryId: InstanceIdentifier
  /** queryByParameter as it was sent: it goes back with the answer and into the audit. */
  queryXml: string
}

/** AA with hits or without, AE when it could not be understood, AR when it could not be worked on. */
export type AcknowledgementCode = 'AA' | 'AE' | 'AR'

/** OK with hits, NF without, AE in error, QE where it may not be asked so. [HL7 v3: QueryResponse] */
export type QueryResponseCode = 'OK' | 'NF' | 'AE' | 'QE'

export interface QueryProblem {
  /** 204: an id or a domain that is not known. [ITI TF-2:3.45.4.2.3] */
  code?: string
  /** XPath of the value that is wrong. */
  location?: string
  text: string
}

export interface QueryAnswer extends Route {
  targetMessageId: InstanceIdentifier
  queryId: InstanceIdentifier
  acknowledgement: AcknowledgementCode
  responseCode: QueryResponseCode
  problems: QueryProblem[]
  /** What was asked, again. */
  queryXml: string
  /** Of the answer itself; derived from what it answers unless given. */
  messageId?: InstanceIdentifier
}

/** [ITI TF-2: Table 3.45.4.1.2-1, 3.47.4.1.2] */
export function queryMessageOf(body: XmlElement): QueryMessage {
  const [query] = descendants(body, ['controlActProcess', 'queryByParameter'])
  const id = query && childOf(query, namespaces.hl7v3, 'queryId')
  return {
    messageId: messageIdOf(body),
    queryId: id === undefined ? { root: '' } : bounded(instanceIdentifier(id)),
    queryXml: query === undefined ? '' : serialiseXml(withoutTypes(query)),
    ...routeOf(body),
  }
}

/** Types are names with prefixes, which nobody declares where the query goes; the schema says them all. */
function withoutTypes(element: XmlElement): XmlElement {
  return {
    ...element,
    attributes: element.attributes.filter(({ namespace }) => namespace !== namespaces.xsi),
    children: element.children.map(withoutTypes),
  }
}

function bounded({ root, extension }: InstanceIdentifier): InstanceIdentifier {
  const cut = { root: root.slice(0, 256) }
  return extension === undefined ? cut : { ...cut, extension: extension.slice(0, 256) }
}

/** Of all parameters together: whoever asks for one person names fewer, and each is compared with many. */
export const mostValues = 100

/** How many values the parameters of a query have. */
export function countValues(body: XmlElement): number {
  const [list] = descendants(body, ['controlActProcess', 'queryByParameter', 'parameterList'])
  const counts = list?.children.map(parameter => childrenOf(parameter, namespaces.hl7v3, 'value').length) ?? []
  return counts.reduce((sum, count) => sum + count, 0)
}

/** The parameters of a name, each with its values. */
export function parametersOf(body: XmlElement, name: string): XmlElement[][] {
  const parameters = descendants(body, ['controlActProcess', 'queryByParameter', 'parameterList', name])
  return parameters.map(parameter => childrenOf(parameter, namespaces.hl7v3, 'value'))
}

/** XPath of a value of a query, as errors name it. [ITI TF-2:3.45.4.2.3] */
export function locationOf(interaction: string, parameter: string, index: number): string {
  return `/${interaction}/controlActProcess/queryByParameter/parameterList/${parameter}[${index + 1}]/value`
}

/** What an answer says again of what was asked, to its sender. */
export function answerTo(query: QueryMessage): Omit<QueryAnswer, 'acknowledgement' | 'responseCode' | 'problems'> {
  const { messageId, queryId, queryXml, sender, receiver, senderCommunity, receiverCommunity } = query
  return {
    ...{ targetMessageId: messageId, queryId, queryXml },
    ...(sender === undefined ? {} : { receiver: sender }),
    ...(receiver === undefined ? {} : { sender: receiver }),
    ...(senderCommunity === undefined ? {} : { receiverCommunity: senderCommunity }),
    ...(receiverCommunity === undefined ? {} : { senderCommunity: receiverCommunity }),
  }
}

export interface Interaction {
  /** Name of the element, and of the interaction. */
  name: string
  trigger: string
}

export interface Counts {
  total: number
  current: number
  remaining: number
}

/** The message around `subjects` and `reasons`, which stand in controlActProcess. */
export function queryAnswerXml(
  { name, trigger }: Interaction,
  answer: QueryAnswer,
  { subjects, reasons = '', counts }: { subjects: string; reasons?: string; counts?: Counts | undefined },
): string {
  const { targetMessageId, queryId, acknowledgement, responseCode, queryXml } = answer
  const messageId = answer.messageId ?? { root: uuidFrom(JSON.stringify([name, targetMessageId, queryId, counts])) }
  const quantities =
    counts === undefined
      ? ''
      : `<resultTotalQuantity value="${counts.total}"/><resultCurrentQuantity value="${counts.current}"/>` +
        `<resultRemainingQuantity value="${counts.remaining}"/>`
  return [
    `<${name} xmlns="${namespaces.hl7v3}" ITSVersion="XML_1.0">`,
    wrapperXml(name, { ...answer, messageId }, 'NE'),
    `<acknowledgement><typeCode code="${acknowledgement}"/><targetMessage>${idXml(targetMessageId)}</targetMessage>`,
    `${answer.problems.map(problemXml).join('')}</acknowledgement>`,
    '<controlActProcess classCode="CACT" moodCode="EVN">',
    `<code code="${trigger}" codeSystem="2.16.840.1.113883.1.18"/>`,
    subjects,
    reasons,
    `<queryAck><queryId${idXml(queryId).slice('<id'.length)}`,
    `<statusCode code="${acknowledgement === 'AA' ? 'deliveredResponse' : 'aborted'}"/>`,
    `<queryResponseCode code="${responseCode}"/>${quantities}</queryAck>`,
    `${queryXml}</controlActProcess></${name}>`,
  ].join('')
}

function problemXml({ code, location, text }: QueryProblem): string {
  const coded = code === undefined ? '' : `<code code="${code}" codeSystem="2.16.840.1.113883.12.357"/>`
  const at = location === undefined ? '' : `<location>${escapeXml(location)}</location>`
  return `<acknowledgementDetail typeCode="E">${coded}<text>${escapeXml(text)}</text>${at}</acknowledgementDetail>`
}

/** What a consumer reads of any answer. */
export function queryAnswerOf(body: XmlElement): QueryAnswer {
  const [acknowledgement] = descendants(body, ['acknowledgement'])
  const [target] = acknowledgement === undefined ? [] : descendants(acknowledgement, ['targetMessage', 'id'])
  const [ack] = descendants(body, ['controlActProcess', 'queryAck'])
  const [query] = descendants(body, ['controlActProcess', 'queryByParameter'])
  const queryId = ack && childOf(ack, namespaces.hl7v3, 'queryId')
  const details = acknowledgement === undefined ? [] : descendants(acknowledgement, ['acknowledgementDetail'])
  return {
    targetMessageId: target === undefined ? { root: '' } : instanceIdentifier(target),
    queryId: queryId === undefined ? { root: '' } : instanceIdentifier(queryId),
    acknowledgement: among(codeOf(acknowledgement, 'typeCode'), ['AA', 'AE', 'AR'], 'AE'),
    responseCode: among(codeOf(ack, 'queryResponseCode'), ['OK', 'NF', 'AE', 'QE'], 'AE'),
    problems: details.map(problemOf),
    queryXml: query === undefined ? '' : serialiseXml(query),
    messageId: messageIdOf(body),
    ...routeOf(body),
  }
}

function problemOf(detail: XmlElement): QueryProblem {
  const code = codeOf(detail, 'code')
  const location = childOf(detail, namespaces.hl7v3, 'location')?.text.trim()
  const text = childOf(detail, namespaces.hl7v3, 'text')?.text.trim() ?? ''
  return { ...(code === undefined ? {} : { code }), ...(location === undefined ? {} : { location }), text }
}

/** The `code` of a child of that name, trimmed; undefined where there is no such child, or no code in it. */
export function codeOf(element: XmlElement | undefined, name: string): string | undefined {
  const said = element && childOf(element, namespaces.hl7v3, name)
  return said && attributeOf(said, 'code')?.trim()
}

function among<Code extends string>(code: string | undefined, known: readonly Code[], otherwise: Code): Code {
  return known.find(each => each === code) ?? otherwise
}

/** Numbers of hits, where an answer tells them. */
export function countsOf(body: XmlElement): Counts | undefined {
  const [ack] = descendants(body, ['controlActProcess', 'queryAck'])
  if (ack === undefined) return undefined
  const quantity = (name: string) => {
    const said = childOf(ack, namespaces.hl7v3, name)
    const value = said && attributeOf(said, 'value')
    return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined
  }
  const [total, current, remaining] = (['Total', 'Current', 'Remaining'] as const).map(each =>
    quantity(`result${each}Quantity`),
  )
  return total === undefined || current === undefined || remaining === undefined
    ? undefined
    : { total, current, remaining }
}
