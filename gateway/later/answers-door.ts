// The door for answers that come by requests of their own: what nobody waits for, or somebody else sends, is refused by a fault and written down
// like any other lie. ITI TF-2 Appendix V.3; docs/decisions/0369.
import { PassThrough, type Readable } from 'node:stream'
import type { Partner, Trace } from '../../server/actor.js'
import type { AnswersDoor } from '../../server/answers-door.js'
import { traceOf } from '../../server/trace.js'
import type { ExchangeAnswer } from '../../server/trail.js'
import { senderFault } from '../../soap/fault.js'
import { writeFault } from '../../soap/write-message.js'
import type { GatewayContext } from '../context.js'
import { notTheirs } from '../truth/lies.js'
import { mayNotAnswerFor } from './answering-partner.js'
import type { Awaiting } from './awaited-answers.js'

type Surroundings = Pick<GatewayContext, 'awaited' | 'communities' | 'outbox' | 'ports' | 'log'>

/** Below the address of the gateway. */
export const answersPath = '/answers/'

/** Told of each answer. */
export interface CountAnswers {
  taken(): void
  refused(): void
}

/** Whatever is refused has a fault with status 400, so that it is not sent again; what another than the one who was asked sends is audited too. */
export function openAnswersDoor(context: Surroundings, count: CountAnswers): AnswersDoor {
  const { awaited, ports } = context

  function refused(why: string, { traceId, traceparent }: Trace): ExchangeAnswer {
    count.refused()
    // So that nobody sends it again.
    const fault = senderFault(`${why} (trace ${traceId})`, { httpStatus: 400 })
    const { status, contentType, pieces } = writeFault(fault, { form: 'plain' }, ports.randomness)
    return { status, headers: { 'content-type': contentType, traceparent }, pieces }
  }

  /** Whether it can be or not, the answer is not taken. */
  const writtenDown = (why: string, by: { partner: Partner; trace: Trace }) =>
    notTheirs(why, context, by).catch(problem => {
      context.log.error({ trace: by.trace.traceId, failure: String(problem) }, 'audit record could not be kept')
    })

  return {
    path: answersPath,
    async take({ name, partner, headers, body }) {
      const question = awaited.at(name)
      const trace = traceOf(question?.traceparent ?? headers.traceparent, ports.randomness)
      const { traceparent } = trace
      try {
        if (question === undefined) throw new NotTheirs('nobody waits for an answer at this address')
        assertTheirs(question, partner)
        await question.arrived({ status: 200, headers, body: apart(body) })
        count.taken()
        return { status: 202, headers: { 'content-length': '0', traceparent }, pieces: [] }
      } catch (problem) {
        const { message } = problem as Error
        if (problem instanceof NotTheirs) await writtenDown(message, { partner, trace })
        return refused(`the answer is not taken: ${message}`, trace)
      }
    },
  }
}

class NotTheirs extends Error {}

function assertTheirs({ community, over }: Awaiting, partner: Partner): void {
  const stranger = mayNotAnswerFor(community, partner)
  if (stranger !== undefined) throw new NotTheirs(stranger)
  if (over !== undefined) throw new NotTheirs(`nobody waits for it: ${over}`)
}

/** Whoever stops reading an answer leaves its connection as it is: there is a fault to be told on it. */
function apart(body: Readable): Readable {
  const pieces = new PassThrough()
  pieces.on('error', () => {}).once('close', () => body.resume())
  body.once('error', problem => pieces.destroy(problem))
  body.once('close', () => {
    if (!body.readableEnded) pieces.destroy(new Error('the connection was broken off'))
  })
  return body.pipe(pieces)
}
