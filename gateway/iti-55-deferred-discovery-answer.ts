// What another community answers to an ITI-55 in deferred mode, as the Initiating Gateway takes it: to a question that waits here, and only if it is an
// answer to that. ITI TF-2 §3.55.6.2; docs/decisions/0353.
import { dtmOf } from '../ports/clock.js'
import { serve } from '../server/actor.js'
import { deferredDiscoveryAnswer } from '../transactions/hl7v3/patient-discovery.js'
import { acknowledged } from '../transactions/hl7v3/patient-feed.js'
import type { FeedAcknowledgement } from '../transactions/xds-messages.js'
import type { GatewayContext } from './context.js'
import { mayNotAnswerFor } from './later/answering-partner.js'
import { falseLater } from './later/deferred-discoveries.js'
import { lied, notAnAnswer, notTheirs } from './truth/lies.js'

export const serveDeferredDiscoveryAnswer = serve(
  deferredDiscoveryAnswer,
  async (answer, context: GatewayContext, exchange): Promise<FeedAcknowledgement> => {
    const { messageId = { root: '' }, sender, receiver } = answer
    const route = {
      ...{ messageId, patientIds: [] },
      ...(sender === undefined ? {} : { sender }),
      ...(receiver === undefined ? {} : { receiver }),
    }
    const said = (typeCode: FeedAcknowledgement['typeCode'], detail?: string): FeedAcknowledgement => ({
      ...acknowledged(route, typeCode, detail && `${detail} [ITI TF-2:3.55.6.2]\n(trace ${exchange.trace.traceId})`),
      creationTime: dtmOf(context.ports.clock.now()),
    })
    const { relatesTo } = exchange
    const waiting = context.deferred.waitingFor(relatesTo)
    if (waiting === undefined) {
      const found = relatesTo === undefined ? 'nothing' : relatesTo.slice(0, 128)
      return said('CE', `wsa:RelatesTo: expected the MessageID of a question that waits for its answer, found ${found}`)
    }
    const stranger = mayNotAnswerFor(waiting.community, exchange.partner)
    if (stranger !== undefined) {
      await notTheirs(stranger, context, exchange)
      return said('CE', stranger)
    }
    const falsehood = falseLater(answer, waiting)
    if (falsehood === undefined) {
      waiting.answered(answer)
      return said('CA')
    }
    waiting.refused(new Error(notAnAnswer))
    await lied(waiting.community, falsehood, context, exchange)
    return said('CE', `the answer is none to the question: ${falsehood}`)
  },
)
