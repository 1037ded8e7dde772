// ITI-47 Patient Demographics Query HL7 V3 and its continuation, as the Patient Demographics Supplier answers it. ITI TF-2 §3.47.4.2.3.
import { dtmOf } from '../ports/clock.js'
import { serve } from '../server/actor.js'
import type { DemographicsAnswer } from '../transactions/hl7v3/demographics-answer-codec.js'
import type { DemographicsQuery } from '../transactions/hl7v3/demographics-query-codec.js'
import type { InstanceIdentifier } from '../transactions/hl7v3/message.js'
import {
  demographicsCancelled,
  demographicsContinued,
  patientDemographicsQuery,
} from '../transactions/hl7v3/patient-demographics.js'
import { acknowledged } from '../transactions/hl7v3/patient-feed.js'
import { answerTo, locationOf, type QueryMessage, type QueryProblem } from '../transactions/hl7v3/query.js'
import type { PatientIndexContext } from './context.js'
import { foundPatient } from './found-patient.js'
import { type FoundPersons, foundPersons, turned } from './found-persons.js'
import type { Page } from './result-pages.js'

export const servePatientDemographicsQuery = serve(
  patientDemographicsQuery,
  async (query, context: PatientIndexContext, { partner }) => {
    if (query.unreadable !== undefined) {
      return { ...emptyAnswer(query, context), ...inError, problems: query.unreadable }
    }
    const found = foundPersons(query, context)
    if (found.is === 'tooMany') return { ...emptyAnswer(query, context), moreWanted: found.moreWanted }
    if (found.is !== 'found') return { ...emptyAnswer(query, context), ...inError, problems: problemsOf(query, found) }
    const { hits } = found
    const page = { hits, told: 0, domains: query.domains, queryXml: query.queryXml }
    return nextOf(page, query.initialQuantity ?? hits.length, query, partner.name, context)
  },
)

export const serveDemographicsContinued = serve(
  demographicsContinued,
  async (message, context: PatientIndexContext, { partner }) => {
    const page = context.pages.take(keyOf(message.queryId, partner.name))
    const { startResultNumber } = message
    const isTold = startResultNumber === undefined && page?.told === page?.hits.length
    if (page === undefined || isTold) {
      const text = 'no answer is waiting to be continued under this queryId; ask again [ITI TF-2:3.47.4.3.3]'
      return { ...emptyAnswer(message, context), ...inError, problems: [{ text }] }
    }
    const told = startResultNumber === undefined ? page.told : startResultNumber - 1
    const from = { ...page, told: Math.min(Math.max(0, told), page.hits.length) }
    const again = { ...message, queryXml: page.queryXml }
    return nextOf(from, message.continuationQuantity ?? page.hits.length, again, partner.name, context)
  },
)

export const serveDemographicsCancelled = serve(
  demographicsCancelled,
  async (message, context: PatientIndexContext, { partner }) => {
    const wasThere = context.pages.forget(keyOf(message.queryId, partner.name))
    const creationTime = dtmOf(context.ports.clock.now())
    const { messageId, sender, receiver } = message
    const route = {
      messageId,
      ...(sender === undefined ? {} : { sender }),
      ...(receiver === undefined ? {} : { receiver }),
    }
    return {
      ...acknowledged(
        { ...route, patientIds: [] },
        'CA',
        wasThere ? undefined : 'nothing was waiting under this queryId',
      ),
      creationTime,
    }
  },
)

const inError = { acknowledgement: 'AE', responseCode: 'AE' } as const

function nextOf(
  page: Page,
  quantity: number,
  message: QueryMessage,
  partner: string,
  context: PatientIndexContext,
): DemographicsAnswer {
  const { hits, domains } = page
  const { current, end, counts } = turned(page, quantity)
  const key = keyOf(message.queryId, partner)
  // The last part may be asked for again too, where it was lost; whoever cancels, or is silent, ends it.
  if (counts.remaining > 0 || counts.current < counts.total) context.pages.keep(key, { ...page, told: end })
  else context.pages.forget(key)
  return {
    ...emptyAnswer(message, context),
    responseCode: hits.length === 0 ? 'NF' : 'OK',
    patients: current.flatMap(hit => foundPatient(hit, domains, context) ?? []),
    counts,
    custodian: context.config.assigningAuthority,
  }
}

/** Nobody goes on with the query of another. */
function keyOf({ root, extension = '' }: InstanceIdentifier, partner: string): string {
  return JSON.stringify([partner, root, extension])
}

/** AA with NF: nobody was found, which is no error. [ITI TF-2:3.47.4.2.3] */
export function emptyAnswer(message: QueryMessage, { ports }: PatientIndexContext): DemographicsAnswer {
  return {
    ...answerTo(message),
    creationTime: dtmOf(ports.clock.now()),
    acknowledgement: 'AA',
    responseCode: 'NF',
    problems: [],
    patients: [],
  }
}

const asks = 'PRPA_IN201305UV02'

function problemsOf(
  { domains }: DemographicsQuery,
  found: Extract<FoundPersons, { is: 'empty' | 'unknown' }>,
): QueryProblem[] {
  if (found.is === 'empty') {
    const text = 'a query names at least an id, a name, a birth time, an address or a telecom'
    return [{ text: `${text} [ITI TF-2: Table 3.47.4.1.2-1]` }]
  }
  return found.unknownDomains.map(place => ({
    code: '204',
    location: locationOf(asks, 'otherIDsScopingOrganization', place),
    text: `the domain ${domains[place]} is not known here [ITI TF-2:3.47.4.2.3]`,
  }))
}
