// ITI-45 PIXV3 Query: which ids a patient has elsewhere. ITI TF-2 §3.45.
import type { RegistryError } from '../../metadata/model.js'
import { auditQuery } from '../patient-query-audit.js'
import { transaction } from '../transaction.js'
import { isOursToMend } from './message.js'
import { type PixAnswer, type PixQuery, pixAnswer, pixRequest } from './pix-query-codec.js'
import { answerTo, type QueryMessage } from './query.js'

export const pixQuery = transaction<PixQuery, PixAnswer>({
  id: 'ITI-45',
  name: 'PIX Query',
  action: 'urn:hl7-org:v3:PRPA_IN201309UV02',
  responseAction: 'urn:hl7-org:v3:PRPA_IN201310UV02',
  mtom: false,
  roles: ['consumer', 'feed', 'repository', 'registry', 'admin'],
  request: pixRequest,
  response: pixAnswer,
  refused: (errors, request) => ({ ...refusedQuery(errors, request), patientIds: [] }),
  audit: exchange =>
    auditQuery({
      ...{ id: 'ITI-45', name: 'PIX Query', exchange, codec: pixRequest },
      patientIds: [...(exchange.request?.patientIds ?? []), ...(exchange.response?.patientIds ?? [])],
    }),
})

/** The answer of whoever could not work on a query. [ITI TF-2:3.45.4.2.3] */
export function refusedQuery(errors: RegistryError[], request: QueryMessage | undefined) {
  return {
    ...answerTo(request ?? { messageId: { root: '' }, queryId: { root: '' }, queryXml: '' }),
    acknowledgement: isOursToMend(errors) ? ('AR' as const) : ('AE' as const),
    responseCode: 'AE' as const,
    problems: errors.map(({ errorCode, codeContext }) => ({ text: `${errorCode}: ${codeContext}` })),
  }
}
