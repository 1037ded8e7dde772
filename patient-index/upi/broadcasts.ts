// What the UPI tells everybody of numbers that have changed: files that a sedex client lays into a folder. [eCH-0215]
import { namespaces } from '../../soap/namespaces.js'
import { escapeXml, isElement, parseXml, type XmlElement } from '../../soap/xml.js'
import { eprSpidAsCx, eprSpidIn } from '../../xua/swiss-rules.js'
import { type EchHeader, headerXml } from './ech-messages.js'
import { allInside, echNamespaces, inside, textInside } from './ech-person.js'
import { cancelled, noted, replaced } from './national-number.js'
import { eprSpidCategory } from './upi.js'

export interface Broadcast {
  inactivations: { inactive: string; active: string }[]
  cancellations: { spid: string; reason: string }[]
  /** Numbers of one person, of which all but one have to be inactivated. */
  multiples: string[][]
  /** Whose name, birthday or other trait has changed. */
  changes: string[][]
}

/** @throws Error in words when it is no broadcast, or names a number that is none */
export function broadcastIn(text: Uint8Array): Broadcast {
  const root = parseXml(text)
  if (!isElement(root, namespaces.ech0215, 'broadcast'))
    throw new Error(`it is no broadcast of eCH-0215 but ${root.name}`)
  const content = inside(root, 'content')
  const category = textInside(content, 'SPIDCategory')
  if (category !== eprSpidCategory) throw new Error(`it is of ${category ?? 'no category'}, not of ${eprSpidCategory}`)
  return {
    inactivations: allInside(content, 'inactivationOfSPID').map(each => ({
      inactive: numberIn(inside(each, 'inactiveSPID')),
      active: numberIn(inside(each, 'activeSPID')),
    })),
    cancellations: allInside(content, 'cancellationOfSPID').map(each => ({
      spid: numberIn(inside(each, 'cancelledSPID')),
      reason: textInside(each, 'cancellationReason') ?? 'notMentioned',
    })),
    multiples: allInside(content, 'multipleActiveSPIDs').map(activeIn),
    changes: allInside(content, 'changeInDemographics').map(activeIn),
  }
}

function activeIn(element: XmlElement): string[] {
  return allInside(element, 'activeSPID').map(numberIn)
}

/** As CX. */
function numberIn(element: XmlElement | undefined): string {
  const text = element?.text.trim() ?? ''
  const number = eprSpidAsCx(text)
  if (eprSpidIn(number) === undefined) throw new Error(`"${text.slice(0, 40)}" is no EPR-SPID`)
  return number
}

/** Inside a write; how much of it concerns somebody here. */
export function follow(
  { inactivations, cancellations, multiples, changes }: Broadcast,
  context: Parameters<typeof cancelled>[2],
): number {
  const by = 'UPI'
  const done = [
    ...inactivations.map(({ inactive, active }) =>
      replaced(inactive, active, { by, why: 'the UPI tells it' }, context),
    ),
    ...cancellations.map(({ spid, reason }) => cancelled(spid, { by, why: `the UPI tells it (${reason})` }, context)),
    ...multiples.flatMap(numbers =>
      numbers.map(number =>
        noted(number, 'has several numbers', `the UPI has ${numbers.join(' and ')} for one person`, by, context),
      ),
    ),
    ...changes.flatMap(numbers =>
      numbers.map(number =>
        noted(number, 'changed at the UPI', `what the UPI knows of ${number} has changed`, by, context),
      ),
    ),
  ]
  return done.filter(Boolean).length
}

/** As the stand-in tells it. */
export function broadcastXml(told: Pick<Broadcast, 'inactivations' | 'cancellations'>, header: EchHeader): string {
  const at = new Date(header.dateMs).toISOString()
  const day = at.slice(0, 10)
  const inactivations = told.inactivations.map(
    ({ inactive, active }) =>
      `<inactivationOfSPID><inactivationTimestamp>${at}</inactivationTimestamp>` +
      `<inactiveSPID>${escapeXml(inactive)}</inactiveSPID><activeSPID>${escapeXml(active)}</activeSPID></inactivationOfSPID>`,
  )
  const cancellations = told.cancellations.map(
    ({ spid, reason }) =>
      `<cancellationOfSPID><cancellationTimestamp>${at}</cancellationTimestamp>` +
      `<cancellationReason>${escapeXml(reason)}</cancellationReason><vnStatus>active</vnStatus>` +
      `<cancelledSPID>${escapeXml(spid)}</cancelledSPID></cancellationOfSPID>`,
  )
  return (
    `<broadcast xmlns="${namespaces.ech0215}" ${echNamespaces} minorVersion="0">` +
    `${headerXml(header, { messageType: '1022', action: '1' })}<content><SPIDCategory>${eprSpidCategory}</SPIDCategory>` +
    `<dateInterval><from>${day}</from><till>${day}</till></dateInterval>` +
    `${inactivations.join('')}${cancellations.join('')}</content></broadcast>`
  )
}
