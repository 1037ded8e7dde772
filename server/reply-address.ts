// Where an answer may go. [WS-Addressing 1.0 SOAP Binding: 5.1, 6.4.1]
import { anonymous } from '../soap/addressing.js'
import { invalidAddressing } from '../soap/fault.js'
import type { SoapMessage } from '../soap/message.js'

const none = 'http://www.w3.org/2005/08/addressing/none'

// Answers go back on the same connection and nowhere else, until partners can be listed for the asynchronous exchange.
export function refuseForeignReplies({ addressing }: SoapMessage): void {
  for (const [name, address] of [
    ['ReplyTo', addressing.replyTo],
    ['FaultTo', addressing.faultTo],
  ] as const) {
    if (address === undefined || address === anonymous || (name === 'FaultTo' && address === none)) continue
    throw invalidAddressing(
      'OnlyAnonymousAddressSupported',
      name,
      `wsa:${name} asks for an answer at ${address.slice(0, 200)}; only ${anonymous} is served`,
    )
  }
}
