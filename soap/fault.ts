// What breaks the wire: a SOAP 1.2 fault as an exception, thrown where it is found and written once at the edge.
import type { MessageForm } from './message.js'
import { namespaces } from './namespaces.js'
import type { QName, XmlPiece } from './xml.js'

/** [SOAP 1.2 Part 1: 5.4.6] */
export type FaultCode = 'VersionMismatch' | 'MustUnderstand' | 'DataEncodingUnknown' | 'Sender' | 'Receiver'

export interface FaultDetails {
  subcode?: QName
  /** A narrower subcode inside the subcode, as WS-Addressing has them. [WS-Addressing 1.0 SOAP Binding: 6.4.1] */
  subSubcode?: QName
  /** Plain text for people, beside the reason. */
  detail?: string
  /** What only the log and the audit are told, in place of the reason. */
  inside?: string
  /** Header blocks that had to be understood and were not. [SOAP 1.2 Part 1: 5.4.8] */
  notUnderstood?: QName[]
  /** The WS-Addressing header that is wrong. [WS-Addressing 1.0 SOAP Binding: 6.3] */
  problemHeader?: QName
  /** The action that nobody answers here. [WS-Addressing 1.0 SOAP Binding: 6.3] */
  problemAction?: string
  /** The request was SOAP 1.1, so its sender reads nothing else. [SOAP 1.2 Part 1: A] */
  soap11?: boolean
  /** Where HTTP has a better word than the one that belongs to the code: 413, 415. */
  httpStatus?: number
  /** What the answer needs to know of the request, where so much of it could be read. */
  answerTo?: AnswerTo
}

/** What an answer takes from its request. */
export interface AnswerTo {
  form: MessageForm
  relatesTo?: string
  /** Where it goes, when that is not the connection of the request. */
  to?: string
  /** Further header blocks. */
  headers?: readonly XmlPiece[]
}

/** What breaks the wire: `reason` is told to the partner, in plain words. [SOAP 1.2 Part 1: 5.4] */
export class SoapFault extends Error {
  override readonly name = 'SoapFault'
  readonly code: FaultCode
  readonly subcode?: QName
  readonly subSubcode?: QName
  readonly detail?: string
  readonly inside?: string
  readonly notUnderstood?: QName[]
  readonly problemHeader?: QName
  readonly problemAction?: string
  readonly soap11?: boolean
  readonly httpStatus?: number
  answerTo?: AnswerTo

  constructor(code: FaultCode, reason: string, more: FaultDetails = {}) {
    super(reason)
    this.code = code
    Object.assign(this, more)
  }
}

/** The same fault in other words. */
export function reworded(fault: SoapFault, reason: string): SoapFault {
  return new SoapFault(fault.code, reason, { ...fault })
}

/** The sender's message cannot be taken as it is. */
export function senderFault(reason: string, more: FaultDetails = {}): SoapFault {
  return new SoapFault('Sender', reason, more)
}

/** A WS-Addressing header is missing, doubled or contradicts another. [WS-Addressing 1.0 SOAP Binding: 6.4.1] */
export function invalidAddressing(problem: string, header: string, reason: string): SoapFault {
  return senderFault(reason, {
    subcode: wsa('InvalidAddressingHeader'),
    subSubcode: wsa(problem),
    problemHeader: wsa(header),
  })
}

/** Nobody here answers that action. [WS-Addressing 1.0 SOAP Binding: 6.4.4] */
export function actionNotSupported(action: string): SoapFault {
  return senderFault(
    action === ''
      ? 'The message has no action: neither wsa:Action nor an action parameter in its Content-Type'
      : `The action ${action} is not answered here`,
    { subcode: wsa('ActionNotSupported'), problemAction: action },
  )
}

/** A header has to be there for what is asked. [WS-Addressing 1.0 SOAP Binding: 6.4.2] */
export function addressingRequired(header: string, reason: string): SoapFault {
  return senderFault(reason, { subcode: wsa('MessageAddressingHeaderRequired'), problemHeader: wsa(header) })
}

/** Not now; the same message may be sent again later. [WS-Addressing 1.0 SOAP Binding: 6.4.5] */
export function endpointUnavailable(reason: string): SoapFault {
  return new SoapFault('Receiver', reason, { subcode: wsa('EndpointUnavailable'), httpStatus: 503 })
}

function wsa(name: string): QName {
  return { namespace: namespaces.wsa, name }
}
