// A client whose requests are acknowledged on their connection and answered by a request of the other side: whoever calls it sees no difference.
// [WS-Addressing 1.0 SOAP Binding: 5.1] [ITI TF-2: Appendix V.3]
import type { HttpAnswer, HttpClient } from '../../ports/network.js'
import { unlessAborted } from '../../ports/promises.js'

/**
 * A `call` resolves with the answer that `arrival` brings; what comes on the connection counts only where it is more than an acknowledgement
 * (202), and is told by `answeredHere`. [ITI TF-2: Appendix V.3]
 */
export function answeredElsewhere(
  client: HttpClient,
  arrival: Promise<HttpAnswer>,
  /** The other side has answered on the connection all the same: a fault, or because it knows nothing else. */
  answeredHere: () => void,
): HttpClient {
  const arrived = arrival.then(answer => ({ answer, isHere: false }))
  return Object.assign({}, client, {
    async call(call: Parameters<HttpClient['call']>[0]): Promise<HttpAnswer> {
      const onConnection = client.call(call).then(answer => ({ answer, isHere: true }))
      // The answer may be faster than the 202.
      const first = await Promise.race([arrived, onConnection])
      if (first.isHere && !isAcknowledgement(first.answer)) {
        answeredHere()
        return first.answer
      }
      onConnection.then(({ answer }) => letGo(answer)).catch(() => {})
      const { answer } = await (call.signal === undefined ? arrived : unlessAborted(call.signal, arrived))
      call.signal?.addEventListener('abort', () => answer.body.destroy(call.signal?.reason), { once: true })
      return answer
    },
  })
}

/** Some stacks say 200 and nothing, and some put an empty Envelope into their 202. */
function isAcknowledgement({ status, headers }: HttpAnswer): boolean {
  return status === 202 || (status >= 200 && status < 300 && headers['content-type'] === undefined)
}

function letGo({ body }: HttpAnswer): void {
  body.on('error', () => {})
  body.resume()
}
