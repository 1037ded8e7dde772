// How the suite speaks HL7 v2 to a target: one message after another, and what it makes of silence and nonsense.
import { expect } from 'chai'
import { sendHl7 } from '../../acceptance/mllp.js'
import { mllpFramed, mllpReader } from '../../hl7v2/mllp.js'
import type { HttpServer } from '../../ports/network.js'
import { systemPorts } from '../../ports/ports.js'

const tls = { key: '', cert: '', ca: '' }

describe('acceptance/mllp', () => {
  let server: HttpServer | undefined
  afterEach(() => server?.close(0))

  /** Answers the first, second … message with what `answers` says; an empty text ends the connection. */
  async function aTarget(...answers: string[]) {
    server = await systemPorts.network.serveTcp({ host: '127.0.0.1', port: 0 }, ({ stream }) => {
      const reader = mllpReader({ maxMessageBytes: 10_000 })
      stream.on('data', chunk => {
        for (const _ of reader.read(chunk as Buffer)) {
          const answer = answers.shift() ?? ''
          if (answer === '') stream.end()
          else stream.write(mllpFramed(Buffer.from(answer)))
        }
      })
    })
    return { host: '127.0.0.1', port: server.port, tls: false }
  }

  it('reads code, type and message of each acknowledgement in its turn [ITI TF-2: Appendix C.2.3]', async () => {
    const target = await aTarget(
      'MSH|^~\\&|R|F|S|A|2026||ACK^A04|1|P|2.3.1\rMSA|AA|M-1\r',
      'MSH|^~\\&|R|F|S|A|2026||ACK|2|P|2.3.1\rMSA|AE|M-2|no such event\r',
    )
    const received = await sendHl7(['one', 'two'], target, { tls, ports: systemPorts })
    expect(received.map(({ code, of, type }) => [code, of, type])).to.deep.equal([
      ['AA', 'M-1', 'ACK^A04'],
      ['AE', 'M-2', 'ACK'],
    ])
  })

  it('says when a message stays without an answer, or what came is none', async () => {
    const told = async (answer: string) => {
      const target = await aTarget(answer)
      const problem = await sendHl7(['one'], target, { tls, ports: systemPorts }).catch((failure: unknown) => failure)
      await server?.close(0)
      return problem
    }
    expect(await told(''))
      .to.be.instanceOf(Error)
      .and.have.property('message')
      .that.contains('without an answer')
    expect(await told('Good morning')).to.deep.equal([{ text: 'Good morning', code: 'no MSA', of: '', type: '' }])
  })
})
