// What there is to know of an endpoint for whoever opens it in a browser or asks with curl: what it takes, and who one is to it.
import type { PeerCertificate } from '../../ports/network.js'
import type { MessageLimits } from '../../soap/read-message.js'
import type { Actor, Partner } from '../actor.js'

export interface Described {
  actor: string
  location: string
  transactions: { id: string; name: string; action: string; element: string; allowed: boolean; roles: string }[]
  /** In words. */
  limits: string[]
  curl: string
  caller: { name: string; value: string }[]
}

/** For one caller: which transactions its roles allow, and who its certificate makes it. */
export function described<Context>(
  { name, served }: Actor<Context>,
  location: string,
  { partner, peer, limits }: { partner: Partner; peer: PeerCertificate | undefined; limits: MessageLimits },
): Described {
  const transactions = [...served.values()].map(({ contract }) => ({
    id: contract.id,
    name: contract.name,
    action: contract.action,
    element: contract.request.element.name,
    allowed: contract.roles.some(role => partner.roles.has(role)),
    roles: contract.roles.join(' or '),
  }))
  return {
    actor: name,
    location,
    transactions,
    limits: limitsInWords(limits),
    curl:
      `curl --cert client.pem --key client.key --cacert ca.pem ` +
      `-H 'Content-Type: application/soap+xml; charset=UTF-8' --data-binary @request.xml ${location}`,
    caller: callerFacts(partner, peer),
  }
}

export function descriptionText({ actor, location, transactions, limits, curl, caller }: Described): string {
  const lines = [
    `Carnet ${actor}`,
    '',
    'SOAP 1.2 messages are taken here by POST; wsa:Action tells them apart:',
    '',
    ...transactions.flatMap(({ id, name, action, element, allowed, roles }) => [
      `  ${id}  ${name}${allowed ? '' : `  (not from you: it takes the role ${roles})`}`,
      `          ${action}  with ${element}`,
    ]),
    '',
    `WSDL: ${location}?wsdl`,
    '',
    'A request, from the command line:',
    '',
    `  ${curl}`,
    '',
    'Limits:',
    '',
    ...limits.map(limit => `  ${limit}`),
    '',
    'You:',
    '',
    ...caller.map(({ name, value }) => `  ${name.padEnd(12)} ${value}`),
  ]
  return `${lines.join('\n')}\n`
}

function limitsInWords({ envelopeBytes, inlineDocumentBytes, attachmentBytes, attachments }: MessageLimits): string[] {
  return [
    `an envelope: ${size(envelopeBytes)}`,
    `a document as base64 in the envelope: ${size(inlineDocumentBytes)} when decoded`,
    `a document as MTOM attachment: ${size(attachmentBytes)}, and ${attachments} of them in a message`,
  ]
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

function size(bytes: number): string {
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  return `${Math.round((bytes / 1024 ** power) * 10) / 10} ${units[power]}`
}

function callerFacts({ name, roles, address, replyTo = [] }: Partner, peer: PeerCertificate | undefined) {
  const facts: [string, string | undefined][] = [
    ['partner', name],
    ['roles', roles.size === 0 ? 'none: every transaction will be refused' : [...roles].join(', ')],
    ['address', address],
    ['certificate', peer?.subject],
    ['SHA-256', peer?.fingerprint256],
    ['valid until', peer?.validTo],
    ['replies to', replyTo.length === 0 ? 'the connection only' : ['the connection', ...replyTo].join(', ')],
  ]
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]))
}
