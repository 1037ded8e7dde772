// For which community documents are: the header block of XDR and XCDR that says so, around an ITI-41 or ITI-80. ITI TF-2 §3.41.4.1.2.2,
// §3.80.4.1.2 (XCDR, trial).
import type { SoapMessage } from '../../soap/message.js'
import { namespaces } from '../../soap/namespaces.js'
import { attributeOf, childOf, childrenOf, escapeXml, isElement, type QName, type XmlElement } from '../../soap/xml.js'
import { provideAndRegisterRequest, provided } from '../submission-codec.js'
import type { Codec } from '../transaction.js'
import type { ProvideToCommunityRequest } from '../xds-messages.js'

export const homeCommunityBlock: QName = { namespace: namespaces.xdr, name: 'homeCommunityBlock' }

/** An ITI-41 with the community that it is for. */
export const provideToCommunityRequest: Codec<ProvideToCommunityRequest> = {
  element: provideAndRegisterRequest.element,
  decode: (body, message) =>
    Object.assign(provideAndRegisterRequest.decode(body, message), { homes: homesIn(body, message) }),
  encode: request => ({ ...provided(request, slotsFor(request.homes)), headers: request.homes.map(blockFor) }),
}

/**
 * Whatever role the block is for: sources write different ones. Some clients say it in a Slot of the request besides, or there alone. Each community once.
 */
function homesIn(body: XmlElement, { headers = [] }: Pick<SoapMessage, 'headers'>): string[] {
  const blocks = headers.filter(header => isElement(header, homeCommunityBlock.namespace, homeCommunityBlock.name))
  const named = blocks.flatMap(block => childrenOf(block, namespaces.xdr, 'homeCommunityId')).map(({ text }) => text)
  return [...new Set([...named, ...inSlot(body)].map(home => home.trim()).filter(home => home !== ''))].slice(
    0,
    mostHomes,
  )
}

/** More than one is too many; what they are need not be told of all. */
const mostHomes = 10

function inSlot(body: XmlElement): string[] {
  const submitted = childOf(body, namespaces.lcm, 'SubmitObjectsRequest')
  const list = submitted && childOf(submitted, namespaces.rs, 'RequestSlotList')
  const slots = list === undefined ? [] : childrenOf(list, namespaces.rim, 'Slot')
  return slots
    .filter(slot => attributeOf(slot, 'name') === 'homeCommunityId')
    .flatMap(slot => childrenOf(slot, namespaces.rim, 'ValueList'))
    .flatMap(values => childrenOf(values, namespaces.rim, 'Value'))
    .map(({ text }) => text)
}

/** For those who look for it there and not in the header. docs/decisions/0367 */
function slotsFor(homes: readonly string[]): string {
  if (homes.length === 0) return ''
  const values = homes.map(home => `<rim:Value>${escapeXml(home)}</rim:Value>`).join('')
  return `<rs:RequestSlotList xmlns:rs="${namespaces.rs}"><rim:Slot name="homeCommunityId"><rim:ValueList>${values}</rim:ValueList></rim:Slot></rs:RequestSlotList>`
}

function blockFor(home: string): string {
  const text = escapeXml(home)
  return `<xdr:homeCommunityBlock xmlns:xdr="${namespaces.xdr}"><xdr:homeCommunityId>${text}</xdr:homeCommunityId></xdr:homeCommunityBlock>`
}
