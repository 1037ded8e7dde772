// Where the answer to a message goes: back on its connection, or to an address that this partner is listed with.
// [WS-Addressing 1.0 Core: 3.4] [WS-Addressing 1.0 SOAP Binding: 5.1, 6.4] [ITI TF-2: Appendix V.3]
import { anonymous } from '../../soap/addressing.js'
import { addressingRequired, endpointUnavailable, invalidAddressing } from '../../soap/fault.js'
import type { SoapMessage } from '../../soap/message.js'
import { serialiseXml, type XmlElement } from '../../soap/xml.js'
import type { Partner } from '../actor.js'
import type { Elsewhere, Surroundings, Trail, WaysBack } from '../trail.js'

const none = 'http://www.w3.org/2005/08/addressing/none'

/** Finds out where the answer goes, and takes room for it where that is elsewhere. @throws SoapFault */
export function findWaysBack(trail: Trail, message: SoapMessage, { replies }: Surroundings): void {
  const ways = waysBack(message, replies === undefined ? { ...trail.partner, replyTo: [] } : trail.partner)
  if (replies === undefined || (ways.reply ?? ways.fault) === undefined) return
  trail.place = replies.reserve(trail.partner.name)
  if (trail.place === undefined) {
    throw endpointUnavailable(
      `too many answers wait for ${trail.partner.name} to take them at its wsa:ReplyTo; nothing was done, send this one again later`,
    )
  }
  trail.ways = ways
}

/** @throws SoapFault wsa:InvalidAddressingHeader for an address that is not listed; wsa:MessageAddressingHeaderRequired */
export function waysBack({ addressing }: SoapMessage, partner: Partner): WaysBack {
  const { replyTo, faultTo, replyParameters, faultParameters, messageID } = addressing
  const reply = elsewhere('ReplyTo', replyTo, replyParameters, partner)
  // Faults go where replies go unless something else is said. Who wants none still learns here that nothing was done.
  const fault =
    faultTo === undefined
      ? reply
      : faultTo === none
        ? undefined
        : elsewhere('FaultTo', faultTo, faultParameters, partner)
  if ((reply ?? fault) !== undefined && messageID === undefined) {
    throw addressingRequired(
      'MessageID',
      'an answer at another address has to relate to a wsa:MessageID, and there is none',
    )
  }
  return { reply, fault }
}

function elsewhere(
  header: 'ReplyTo' | 'FaultTo',
  address: string | undefined,
  parameters: readonly XmlElement[] = [],
  partner: Partner,
): Elsewhere | undefined {
  if (address === undefined || address === anonymous) return undefined
  const listed = partner.replyTo ?? []
  const shown = address.slice(0, 200)
  if (listed.length === 0) {
    const reason = `wsa:${header} asks for an answer at ${shown}; ${partner.name} has no address listed (peers[].replyTo), so only ${anonymous} is served`
    throw invalidAddressing('OnlyAnonymousAddressSupported', header, reason)
  }
  const url = listedAs(address, listed)
  if (url !== undefined) return { url, headers: parameters.map(returned) }
  throw invalidAddressing(
    'InvalidAddress',
    header,
    `wsa:${header} asks for an answer at ${shown}, which is not among the addresses listed for ${partner.name}: ${listed.join(', ').slice(0, 300)}`,
  )
}

/** The address as it is to be called, when it is one of those listed or lies below one. */
export function listedAs(address: string, listed: readonly string[]): string | undefined {
  return listed.map(below => within(below, address)).find(found => found !== undefined)
}

/** Escaped dots and slashes mean one path to us and perhaps another to whoever receives. */
const ambiguous = /%(?:2e|2f|5c)|\\/i

/** The address as it is to be called, when it is the listed one or lies below it: same scheme, host and port, path by whole steps. */
function within(listed: string, address: string): string | undefined {
  const [below, asked] = [parsed(listed), parsed(address)]
  if (below === undefined || asked === undefined || asked.origin !== below.origin) return undefined
  if (asked.username + asked.password + asked.hash !== '' || ambiguous.test(address)) return undefined
  const folder = below.pathname.endsWith('/') ? below.pathname : `${below.pathname}/`
  return asked.pathname === below.pathname || asked.pathname.startsWith(folder) ? asked.href : undefined
}

function parsed(address: string): URL | undefined {
  try {
    return new URL(address)
  } catch {
    return undefined
  }
}

/** [WS-Addressing 1.0 SOAP Binding: 2.3] */
function returned(parameter: XmlElement): string {
  const mark = { namespace: 'http://www.w3.org/2005/08/addressing', name: 'IsReferenceParameter', value: 'true' }
  return serialiseXml({ ...parameter, attributes: [...parameter.attributes, mark] })
}
