// What the audit says of a demographics query that goes on.
import { expect } from 'chai'
import type { AuditedExchange } from '../../../atna-audit/message.js'
import type { DemographicsAnswer } from '../../../transactions/hl7v3/demographics-answer-codec.js'
import { demographicsContinued, patientDemographicsQuery } from '../../../transactions/hl7v3/patient-demographics.js'
import type { Continuation } from '../../../transactions/hl7v3/query-continuation-codec.js'

const queryId = { root: '2.999.5', extension: 'q' }
const request: Continuation = {
  ...{ messageId: { root: '2.999.5', extension: 'm' }, queryId, queryXml: '' },
  ...{ statusCode: 'waitContinuedQueryResponse', continuationQuantity: 5 },
}
const response: DemographicsAnswer = {
  ...{ targetMessageId: request.messageId, queryId, acknowledgement: 'AA', responseCode: 'OK' },
  ...{ problems: [], patients: [], queryXml: '<queryByParameter/>' },
}

function anExchange<Request>(
  asked: Request,
  answer: DemographicsAnswer | undefined,
): AuditedExchange<Request, DemographicsAnswer> {
  return {
    ...{ side: 'responder', request: asked, response: answer, failure: undefined },
    ...{ endedMs: 0, processId: 1, hostName: 'here', endpoint: 'https://here', replyTo: 'anonymous' },
    partner: { name: 'hospital', address: '10.0.0.7' },
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01',
  }
}

describe('the audit of a demographics query that goes on', () => {
  const textOf = (answer: DemographicsAnswer | undefined) => {
    const exchange: AuditedExchange<Continuation, DemographicsAnswer> = {
      ...{
        side: 'responder',
        request,
        response: answer,
        failure: undefined,
        endedMs: 0,
        processId: 1,
        hostName: 'here',
      },
      ...{ partner: { name: 'hospital', address: '10.0.0.7' }, endpoint: 'https://here', replyTo: 'anonymous' },
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01',
    }
    const [record] = demographicsContinued.audit(exchange)
    return record?.objects.find(({ role }) => role === 24)?.query?.toString()
  }

  it('has the text of the query that goes on [ITI TF-2:3.47.5.1]', () => {
    expect(textOf(response)).to.equal('<queryByParameter/>')
  })

  it('has it of a query of our own too, which had none before it was written [ITI TF-2:3.47.5.1]', () => {
    const wanted = { names: [], addresses: [], telecoms: [], patientIds: ['1^^^&2.999.1&ISO'] }
    const exchange = anExchange({ messageId: request.messageId, queryId, queryXml: '', wanted, domains: [] }, response)
    const [record] = patientDemographicsQuery.audit({ ...exchange, side: 'initiator' })
    const text = record?.objects.find(({ role }) => role === 24)?.query?.toString()
    expect(text).to.match(/^<queryByParameter>.*extension="1".*<\/queryByParameter>$/)
  })

  it('has what was sent where nothing was waiting to go on [ITI TF-2:3.47.5.1]', () => {
    const sent = /<queryContinuation><queryId root="2.999.5" extension="q"\/>/
    expect(textOf({ ...response, queryXml: '' })).to.match(sent)
    expect(textOf(undefined)).to.match(sent)
  })
})
