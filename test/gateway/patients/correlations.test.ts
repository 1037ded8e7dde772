// What is remembered of communities is an id each, and nothing of the answers that it came in.
import { expect } from 'chai'
import { parseXml } from '../../../soap/xml.js'
import { discoveryAnswer } from '../../../transactions/hl7v3/demographics-answer-codec.js'
import { heldBytes } from '../../samples/held-bytes.js'
import { aboutPatient, aGateway, id, told } from '../a-gateway.js'

const answerOf = (extension: string) =>
  discoveryAnswer.decode(
    parseXml(
      Buffer.from(
        `<PRPA_IN201306UV02 xmlns="urn:hl7-org:v3"><!--${'x'.repeat(1_000_000)}--><acknowledgement><typeCode code="AA"/></acknowledgement><controlActProcess>` +
          `<subject><registrationEvent><subject1><patient><id root="2.999.80.1.2.3" extension="${extension}"/></patient></subject1></registrationEvent></subject>` +
          '<queryAck><queryResponseCode code="OK"/></queryAck></controlActProcess></PRPA_IN201306UV02>',
      ),
    ),
    {} as never,
  )

describe('ids of patients elsewhere', () => {
  it('hold nothing of the answers that told them', async () => {
    let count = 0
    const gateway = aGateway({
      'https://registry': () => told(),
      'https://bern/discovery': () => answerOf(`a-long-number-of-a-patient-${count}`),
      'https://bern/query': () => told(),
    })
    const held = await heldBytes(async () => {
      for (count = 0; count < 20; count += 1) await gateway.query(aboutPatient(id(`number-${count}`)))
      gateway.asked.length = 0
      return gateway
    })
    expect(gateway.context.correlations.size).to.be.at.least(20)
    expect(held).to.be.lessThan(5_000_000)
  })
})
