// The messages of eCH-0213 (numbers are given, ended and cancelled) and eCH-0214 (what is known of a person), as both ends read and
// write them.
import { namespaces } from '../../soap/namespaces.js'
import { escapeXml, type XmlElement } from '../../soap/xml.js'
import {
  allInside,
  asPids,
  echNamespaces,
  inside,
  noticeIn,
  noticeXml,
  personFromUpiXml,
  personIn,
  personXml,
  pidsIn,
  pidsXml,
  textInside,
} from './ech-person.js'
import { eprSpidCategory, type ManageSpid, type Pid, type Pids, type RegisteredPerson, type UpiAnswer } from './upi.js'

/** [eCH-0058: headerType] */
export interface EchHeader {
  /** As sedex knows the sender. */
  senderId: string
  messageId: string
  /** What is answered. */
  referenceMessageId?: string
  dateMs: number
  isTest: boolean
}

/** A number for a message in the tables of sedex, and whether something is asked or answered. [eCH-0058: actionType] */
const asking = { messageType: '1020', action: '5' }
const answering = { messageType: '1021', action: '6' }

// ---- asked -----------------------------------------------------------------------------------------------------------

/** The content of a SOAP body, without an envelope. [eCH-0213] */
export function manageXml(request: ManageSpid, header: EchHeader): string {
  const person = request.action === 'generate' ? `<personToUPI>${personXml(request.person)}</personToUPI>` : ''
  const pids = pidsOf(request).map(each => `<pidsToUPI>${pidsXml(each)}</pidsToUPI>`)
  return (
    `<request xmlns="${namespaces.ech0213}" ${echNamespaces} minorVersion="0">${headerXml(header, asking)}<content>` +
    `<SPIDCategory>${eprSpidCategory}</SPIDCategory><responseLanguage>EN</responseLanguage>` +
    `<actionOnSPID>${request.action}</actionOnSPID>${pids.join('')}${person}</content></request>`
  )
}

/** Of an inactivation the first is the one that ends. docs/decisions/0325 */
function pidsOf(request: ManageSpid): Pids[] {
  if (request.action === 'generate') return [{ vn: request.vn, spids: [] }]
  if (request.action === 'inactivate') return [{ spids: [request.inactive] }, { spids: [request.active] }]
  return [{ ...(request.vn === undefined ? {} : { vn: request.vn }), spids: [request.spid] }]
}

/** What is known of one number, asked for. [eCH-0214] */
export function infoXml(pid: Pid, header: EchHeader): string {
  return (
    `<request xmlns="${namespaces.ech0214}" ${echNamespaces} minorVersion="0">${headerXml(header, asking)}<content>` +
    `<SPIDCategory>${eprSpidCategory}</SPIDCategory><responseLanguage>EN</responseLanguage>` +
    '<getInfoPersonRequest><getInfoPersonRequestId>1</getInfoPersonRequestId>' +
    `<detailLevelOfResponse>standard</detailLevelOfResponse><pid>${ofQuery(pidsXml(asPids(pid)))}</pid>` +
    '</getInfoPersonRequest></content></request>'
  )
}

/** What a query says itself stands in its own namespace. */
function ofQuery(xml: string): string {
  return xml.replaceAll('<c:', '<').replaceAll('</c:', '</')
}

/** What was asked, in either form; undefined when it is neither. */
export function askedIn(request: XmlElement): ManageSpid | { action: 'info'; pid: Pid } | undefined {
  const content = inside(request, 'content')
  const asked = inside(content, 'getInfoPersonRequest', 'pid')
  if (asked !== undefined) return infoIn(pidsIn(asked))
  const [first, second] = allInside(content, 'pidsToUPI').map(pidsIn)
  const [spid] = first?.spids ?? []
  const [other] = second?.spids ?? []
  const action = textInside(content, 'actionOnSPID')
  if (action === 'generate') return generateIn(first?.vn, personIn(inside(content, 'personToUPI')))
  if (action === 'inactivate' && spid !== undefined && other !== undefined) {
    return { action, inactive: spid, active: other }
  }
  if (action === 'cancel' && spid !== undefined) {
    return { action, spid, ...(first?.vn === undefined ? {} : { vn: first.vn }) }
  }
  return undefined
}

function infoIn({ vn, spids: [spid] }: Pids): { action: 'info'; pid: Pid } | undefined {
  if (vn !== undefined) return { action: 'info', pid: { vn } }
  return spid === undefined ? undefined : { action: 'info', pid: { spid } }
}

function generateIn(vn: string | undefined, person: RegisteredPerson | undefined): ManageSpid | undefined {
  return vn === undefined || person === undefined ? undefined : { action: 'generate', vn, person }
}

/** Whom to answer, and what. */
export function messageIdIn(request: XmlElement): string {
  return textInside(request, 'header', 'messageId') ?? ''
}

// ---- answered --------------------------------------------------------------------------------------------------------

export function managedXml(answer: UpiAnswer, header: EchHeader): string {
  const content =
    answer.is === 'negative'
      ? negativeXml('negativeReport', answer)
      : `<positiveResponse><SPIDCategory>${eprSpidCategory}</SPIDCategory>` +
        `${answer.notices.map(notice => `<warning>${noticeXml(notice)}</warning>`).join('')}` +
        `<pids>${pidsXml(answer.pids)}</pids>${knownXml(answer.person)}</positiveResponse>`
  return responseXml(namespaces.ech0213, content, header)
}

export function infoAnswerXml(pid: Pid, answer: UpiAnswer, header: EchHeader): string {
  const content =
    answer.is === 'negative'
      ? negativeXml('negativReportOnGetInfoPerson', answer)
      : `<echoPidRequest>${ofQuery(pidsXml(asPids(pid)))}</echoPidRequest>` +
        `${answer.notices.map(notice => `<notice>${ofQuery(noticeXml(notice))}</notice>`).join('')}` +
        `<pids>${pidsXml(answer.pids)}</pids>${knownXml(answer.person)}`
  return responseXml(
    namespaces.ech0214,
    `<positiveResponse><SPIDCategory>${eprSpidCategory}</SPIDCategory><getInfoPersonResponse>` +
      `<getInfoPersonRequestId>1</getInfoPersonRequestId>${content}</getInfoPersonResponse></positiveResponse>`,
    header,
  )
}

function knownXml(person: RegisteredPerson | undefined): string {
  return person === undefined ? '' : `<personFromUPI>${personFromUpiXml(person)}</personFromUPI>`
}

function negativeXml(element: string, { notice }: Extract<UpiAnswer, { is: 'negative' }>): string {
  return `<${element}><c:notice>${noticeXml(notice)}</c:notice><c:data/></${element}>`
}

function responseXml(namespace: string, content: string, header: EchHeader): string {
  return `<response xmlns="${namespace}" ${echNamespaces} minorVersion="0">${headerXml(header, answering)}${content}</response>`
}

/** @throws Error in words when it says neither yes nor no */
export function answerIn(response: XmlElement): UpiAnswer {
  const refused = inside(response, 'negativeReport')
  if (refused !== undefined) return { is: 'negative', notice: noticeIn(inside(refused, 'notice')) }
  const positive = inside(response, 'positiveResponse')
  const told = inside(positive, 'getInfoPersonResponse') ?? positive
  const refusedOne = inside(told, 'negativReportOnGetInfoPerson')
  if (refusedOne !== undefined) return { is: 'negative', notice: noticeIn(inside(refusedOne, 'notice')) }
  const pids = inside(told, 'pids')
  if (pids === undefined) throw new Error('it holds neither a positive response nor a negative report')
  const notices = ['warning', 'notice', 'globalNotice'].flatMap(name => allInside(told, name))
  return {
    is: 'positive',
    pids: pidsIn(pids),
    person: personIn(inside(told, 'personFromUPI')),
    notices: notices.map(noticeIn),
  }
}

/** [eCH-0058: headerType] */
export function headerXml(
  { senderId, messageId, referenceMessageId, dateMs, isTest }: EchHeader,
  { messageType, action }: { messageType: string; action: string },
): string {
  const reference =
    referenceMessageId === undefined
      ? ''
      : `<h:referenceMessageId>${escapeXml(referenceMessageId)}</h:referenceMessageId>`
  return [
    `<header><h:senderId>${escapeXml(senderId)}</h:senderId>`,
    `<h:messageId>${escapeXml(messageId)}</h:messageId>${reference}`,
    `<h:messageType>${messageType}</h:messageType>`,
    '<h:sendingApplication><h:manufacturer>Carnet</h:manufacturer><h:product>Carnet patient index</h:product>',
    '<h:productVersion>0.1</h:productVersion></h:sendingApplication>',
    `<h:messageDate>${new Date(dateMs).toISOString()}</h:messageDate><h:action>${action}</h:action>`,
    `<h:testDeliveryFlag>${isTest}</h:testDeliveryFlag></header>`,
  ].join('')
}
