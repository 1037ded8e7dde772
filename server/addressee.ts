// Who answers a message: the line of the actor for its action, the Body that belongs to it, and whether this partner may send it.
import { actionNotSupported, SoapFault } from '../soap/fault.js'
import type { SoapMessage } from '../soap/message.js'
import { isElement } from '../soap/xml.js'
import type { Transaction } from '../transactions/transaction.js'
import type { Actor, Partner, Served } from './actor.js'

/** By its action, or by what it carries where it names none. @throws SoapFault ActionNotSupported, which lists what is answered */
export function servedBy<Context>(actor: Actor<Context>, message: SoapMessage): Served<Context> {
  const line = message.action === '' ? servedByBody(actor, message) : actor.served.get(message.action)
  if (line !== undefined) return line
  const answered = [...actor.served.values()].map(({ contract }) => `${contract.id} (${contract.action})`).join(', ')
  const { message: why, subcode, problemAction } = actionNotSupported(message.action.slice(0, 200))
  throw new SoapFault('Sender', `${why}; this ${actor.name} answers ${answered}`, { subcode, problemAction })
}

/**
 * Some partners send no action at all: what they carry says enough. Of transactions that carry the same, the first that the
 * actor lists is the one that everybody has; what was meant for another of them breaks its rules.
 */
function servedByBody<Context>(actor: Actor<Context>, { body }: SoapMessage): Served<Context> | undefined {
  return [...actor.served.values()].find(({ contract }) => {
    return body !== undefined && isElement(body, contract.request.element.namespace, contract.request.element.name)
  })
}

/** @throws SoapFault (Sender) where something else stands in the Body. */
export function bodyOf(message: SoapMessage, contract: Transaction<unknown, unknown>) {
  const { body } = message
  const { element, orElement = element } = contract.request
  const { namespace, name } = element
  if (body !== undefined && [element, orElement].some(each => isElement(body, each.namespace, each.name))) return body
  const found = body === undefined ? 'an empty Body' : `{${body.namespace}}${body.name}`
  throw new SoapFault('Sender', `${contract.id} carries {${namespace}}${name} in its SOAP Body, but here is ${found}`)
}

/** @throws SoapFault (Sender) where this partner has none of the roles that the transaction takes. */
export function refuseStrangers(contract: Transaction<unknown, unknown>, partner: Partner): void {
  if (contract.roles.some(role => partner.roles.has(role))) return
  throw new SoapFault(
    'Sender',
    `the certificate of ${partner.name} may not send ${contract.id} ${contract.name}; that takes the role ${contract.roles.join(' or ')} in "peers"`,
  )
}
