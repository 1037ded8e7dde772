// The UPI over the wire: SOAP 1.1 over TLS with the certificate that the ZAS knows. What only asks is tried again, and so is what never
// left; of everything else nobody knows whether it was done, and the caller asks first.
import type { UpiConfig } from '../../config/patient-index-config.js'
import type { HttpAnswer, HttpClient } from '../../ports/network.js'
import type { Ports } from '../../ports/ports.js'
import { wholeBody } from '../../ports/whole-body.js'
import { notAnswered, PartnerUnavailable } from '../../soap/call.js'
import { answerIn, type EchHeader, infoXml, manageXml } from './ech-messages.js'
import { bodyIn, faultIn, inEnvelope, soap11Type } from './soap11.js'
import type { Upi, UpiAnswer } from './upi.js'

export interface OpenEchClient {
  client: Pick<HttpClient, 'call'>
  config: Pick<UpiConfig, 'management' | 'query' | 'senderId' | 'timeoutMs'>
  ports: Pick<Ports, 'clock' | 'randomness'>
  /** Says so in each message. [eCH-0058: testDeliveryFlag] */
  isTest: boolean
}

const tries = 3
const pauseMs = 500
const mostBytes = 1_048_576

/** Its methods throw PartnerUnavailable. */
export function openEchClient({ client, config, ports, isTest }: OpenEchClient): Upi {
  const { clock, randomness } = ports
  const header = (): EchHeader => ({
    ...{ senderId: config.senderId, messageId: randomness.uuid(), dateMs: clock.now(), isTest },
  })

  async function exchange(url: string, xml: string): Promise<UpiAnswer> {
    const bytes = Buffer.from(inEnvelope(xml))
    const headers = {
      ...{ 'content-type': soap11Type, soapaction: '"http://www.zas.admin.ch"', accept: 'text/xml' },
      'content-length': String(bytes.length),
    }
    const answer = await client
      .call({ url, method: 'POST', headers, body: [bytes], timeoutMs: config.timeoutMs })
      .catch(problem => {
        throw notAnswered(problem, url)
      })
    return understood(answer, url)
  }

  async function tried(url: string, xml: string, isQuestion: boolean): Promise<UpiAnswer> {
    for (let count = 1; ; count += 1) {
      try {
        return await exchange(url, xml)
      } catch (problem) {
        const maySendAgain = problem instanceof PartnerUnavailable && (isQuestion || problem.sent === 'no')
        if (!maySendAgain || count === tries) throw problem
        await clock.sleep(pauseMs * count, { idle: true })
      }
    }
  }

  return {
    info: by => tried(config.query, infoXml(by, header()), true),
    manage: request => tried(config.management, manageXml(request, header()), false),
  }
}

/** Whatever is wrong with an answer, it says nothing of what was done. */
async function understood(answer: HttpAnswer, url: string): Promise<UpiAnswer> {
  try {
    const content = bodyIn(await bytesOf(answer))
    const fault = faultIn(content)
    if (fault !== undefined) throw new Error(`a fault: ${fault.slice(0, 300)}`)
    return answerIn(content)
  } catch (problem) {
    const why = `the answer of ${url} (HTTP ${answer.status}) cannot be used: ${(problem as Error).message}`
    throw new PartnerUnavailable(why, 'maybe', { cause: problem, status: answer.status })
  }
}

function bytesOf({ body }: HttpAnswer): Promise<Buffer> {
  return wholeBody(body, mostBytes, () => new Error(`it is longer than ${mostBytes} bytes`))
}
