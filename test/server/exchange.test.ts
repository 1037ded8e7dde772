// The road of a request, with an actor made up for it: what every transaction shares.
import { expect } from 'chai'
import type { AuditRecord } from '../../atna-audit/message.js'
import type { RegistryError } from '../../metadata/model.js'
import { systemPorts } from '../../ports/ports.js'
import { actor, type Exchange, type Partner, serve } from '../../server/actor.js'
import { exchange, type Surroundings } from '../../server/exchange.js'
import { openMetrics } from '../../server/metrics.js'
import type { Place, Replies } from '../../server/replies/replies.js'
import { undelivered } from '../../server/reply.js'
import { openSpool } from '../../soap/spool.js'
import { xopReference } from '../../soap/xop.js'
import { StoreBroken, StoreFull, StoreRefused } from '../../store/failures.js'
import { transaction } from '../../transactions/transaction.js'
import { silentLog } from './silent-log.js'

interface Answer {
  status: string
  errors: RegistryError[]
  words: string
  attachment?: () => AsyncIterable<Uint8Array>
}

const ask = transaction<string, Answer>({
  id: 'TEST-1',
  name: 'Ask',
  action: 'urn:test:Ask',
  mtom: false,
  roles: ['consumer'],
  request: {
    element: { namespace: 'urn:test', name: 'Question' },
    decode: body => body.text,
    encode: text => ({ xml: [text] }),
  },
  response: {
    element: { namespace: 'urn:test', name: 'Answer' },
    decode: body => ({ status: 'Success', errors: [], words: body.text }),
    encode: ({ status, errors, words, attachment }) => {
      const told = errors.map(error => `${error.errorCode}: ${error.codeContext}`)
      const start = `<a:Answer xmlns:a="urn:test" status="${status}">${words}${told}`
      if (attachment === undefined) return { xml: [`${start}</a:Answer>`] }
      const contentId = 'document@test'
      return {
        xml: [start, xopReference(contentId), '</a:Answer>'],
        attachments: [{ contentId, contentType: 'text/plain', sizeBytes: 100_000, open: attachment }],
      }
    },
  },
  refused: errors => ({ status: 'Failure', errors, words: '' }),
  audit: story => [
    {
      eventID: ['110112', 'DCM', 'Query'],
      eventTypeCode: ['TEST-1', 'IHE Transactions', 'Ask'],
      action: 'E',
      outcome: story.failure === undefined && story.response?.status === 'Success' ? 0 : 8,
      outcomeDescription: story.failure,
      dateTimeMs: story.endedMs,
      participants: [{ userID: story.partner.name, userIsRequestor: true }],
      objects: [
        { id: story.traceparent, typeCode: 4, role: 26, idTypeCode: ['traceparent', 'e-health-suisse', 'traceparent'] },
      ],
    },
  ],
})

type Handle = (question: string, context: object, exchange: Exchange<Answer>) => Promise<Answer>
const hello: Handle = async question => ({ status: 'Success', errors: [], words: `you asked ${question}` })

const addressed = (inner: string) => `<s:Header xmlns:w="http://www.w3.org/2005/08/addressing">${inner}</s:Header>`
const asked = '<w:Action s:mustUnderstand="1">urn:test:Ask</w:Action><w:MessageID>urn:uuid:1</w:MessageID>'
const envelope = (header = asked, body = '<q:Question xmlns:q="urn:test">why</q:Question>') =>
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">${addressed(header)}<s:Body>${body}</s:Body></s:Envelope>`

const replyTo = (address: string, more = '') => `<w:ReplyTo><w:Address>${address}</w:Address>${more}</w:ReplyTo>`

async function send(
  message: string | AsyncIterable<Uint8Array>,
  {
    handle = hello,
    partner = {},
    late = false,
    traceparent,
    append,
    name = 'Document Registry',
    contentType = 'application/soap+xml',
    room = true,
    held,
    logged = [],
  }: {
    handle?: Handle
    partner?: Partial<Partner>
    late?: boolean
    traceparent?: string
    append?: (records: AuditRecord[]) => Promise<void>
    name?: string
    contentType?: string
    /** For answers that go elsewhere. */
    room?: boolean
    /** Where records go that there is no room for. */
    held?: AuditRecord[]
    /** What the log is told of exchanges, and of what went wrong in them. */
    logged?: object[]
  } = {},
) {
  const posted: { url: string; text: string; lost(why: string): void }[] = []
  const replies: Replies = {
    reserve: () => (room ? place : undefined),
    resume: async () => {},
    adopt: async () => {},
    close: async () => {},
  }
  const place: Place = {
    keep: async reply => reply,
    send: ({ url, write, ...reply }) => {
      const text = Buffer.concat([...(write().pieces as Iterable<Uint8Array>)]).toString()
      posted.push({ url, text, lost: why => undelivered(around)({ ...reply }, why) })
    },
    release: () => {},
  }
  const audited: AuditRecord[] = []
  const around: Surroundings = {
    ports: systemPorts,
    log: { ...silentLog, info: facts => void logged.push(facts), error: facts => void logged.push(facts) },
    metrics: openMetrics('test'),
    limits: { envelopeBytes: 100_000, inlineDocumentBytes: 10_000, attachmentBytes: 10_000, attachments: 10 },
    spool: openSpool({ ...systemPorts, folder: '/nowhere' }),
    outbox: { append: append ?? (async records => void audited.push(...records)) },
    replies,
    ...(held === undefined ? {} : { held: { hold: (records: readonly AuditRecord[]) => void held.push(...records) } }),
  }
  const body = typeof message === 'string' ? pieces(message) : message
  const answer = await exchange(
    {
      headers: { 'content-type': contentType, traceparent },
      body,
      endpoint: 'https://localhost:1/registry',
      late,
      partner: { name: 'ward', roles: new Set(['consumer']), address: '10.0.0.1', ...partner },
    },
    actor(name, [serve(ask, handle)]),
    {},
    around,
  )
  const chunks: Uint8Array[] = []
  for await (const piece of answer.pieces) chunks.push(piece)
  answer.afterwards?.()
  return {
    posted,
    status: answer.status,
    headers: answer.headers,
    text: Buffer.concat(chunks).toString(),
    audited,
  }
}

async function* pieces(text: string) {
  yield Buffer.from(text.slice(0, 10))
  yield Buffer.from(text.slice(10))
}

describe('exchange', () => {
  it('lets go of what a handler holds when the answer has left, or when there is none', async () => {
    const events: string[] = []
    const handle: Handle = async (question, context, within) => {
      within.afterwards?.(() => events.push('let go'))
      return hello(question, context, within)
    }
    const { text } = await send(envelope(), { handle })
    expect([text.includes('you asked why'), events]).to.deep.equal([true, ['let go']])
    const failing: Handle = async (_question, _context, within) => {
      within.afterwards?.(() => events.push('let go early'))
      // Of something that is still under way when the handler has given up.
      setTimeout(() => within.afterwards?.(() => events.push('let go late')))
      throw new Error('cannot')
    }
    await send(envelope(), { handle: failing })
    expect(events).to.deep.equal(['let go', 'let go early'])
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(events).to.deep.equal(['let go', 'let go early', 'let go late'])
  })

  it('answers with the response action, RelatesTo byte for byte, and audits [ITI TF-2: Appendix V.3]', async () => {
    const { status, text, audited } = await send(envelope())
    expect(status).to.equal(200)
    expect(text)
      .to.contain('you asked why')
      .and.to.contain('urn:test:AskResponse')
      .and.to.match(/RelatesTo[^>]*>urn:uuid:1</)
    expect(audited.map(record => record.outcome)).to.deep.equal([0])
  })

  it('takes over the trace of the request, answers and audits with a parent-id of its own', async () => {
    const { headers, audited } = await send(envelope(), {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    })
    expect(headers.traceparent).to.match(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/)
    expect(audited[0]?.objects[0]?.id).to.equal(headers.traceparent)
  })

  it('answers in the form that a partner is configured for', async () => {
    const { headers } = await send(envelope(), { partner: { answerForm: 'MTOM' } })
    expect(headers['content-type']).to.match(/^multipart\/related/)
  })

  it('refuses an action that the actor does not answer, and names those it does', async () => {
    const { status, text, audited } = await send(envelope(asked.replace('urn:test:Ask', 'urn:test:Other')))
    expect(status).to.equal(500)
    expect(text).to.contain('ActionNotSupported').and.to.contain('TEST-1 (urn:test:Ask)')
    expect(audited).to.have.length(1)
    expect(audited[0]?.outcome).not.to.equal(0)
  })

  it('knows a message without an action by what it carries', async () => {
    expect((await send(envelope('<w:MessageID>urn:uuid:1</w:MessageID>'))).text).to.contain('you asked why')
    const { status, text } = await send(envelope('', '<q:Order xmlns:q="urn:test"/>'))
    expect(status).to.equal(500)
    expect(text).to.contain('TEST-1 (urn:test:Ask)')
  })

  it('says beside 415 what would have been taken [RFC 9110: 15.5.16]', async () => {
    const { status, headers } = await send(envelope(), { contentType: 'application/json' })
    expect(status).to.equal(415)
    expect(headers).to.include({ accept: 'multipart/related, application/soap+xml', 'accept-encoding': 'identity' })
  })

  it('refuses a Body that is not what the action says', async () => {
    const { status, text } = await send(envelope(asked, '<q:Order xmlns:q="urn:test"/>'))
    expect(status).to.equal(500)
    expect(text).to.contain('TEST-1 carries {urn:test}Question').and.to.contain('{urn:test}Order')
  })

  it('refuses a partner without the role, by name, and audits that', async () => {
    const { text, audited } = await send(envelope(), { partner: { name: 'kiosk', roles: new Set(['source']) } })
    expect(text).to.contain('kiosk').and.to.contain('role consumer')
    expect(audited[0]).to.deep.include({ outcome: 8 })
    expect(audited[0]?.outcomeDescription).to.contain('kiosk')
  })

  it('never answers at an address that is not listed', async () => {
    const { status, text, posted, audited } = await send(envelope(asked + replyTo('http://elsewhere.example.org/')))
    expect(status).to.equal(500)
    expect(text).to.contain('OnlyAnonymousAddressSupported')
    expect(posted).to.deep.equal([])
    expect(audited.map(record => record.outcome)).to.deep.equal([8])
  })

  const ward = { replyTo: ['https://ward.test/replies'] }

  it('answers 202 and sends the answer to a listed ReplyTo, related and addressed [ITI TF-2: Appendix V.3]', async () => {
    const wanted = '<w:ReferenceParameters><c:Call xmlns:c="urn:ward">17</c:Call></w:ReferenceParameters>'
    const header = asked + replyTo('https://ward.test/replies/3', wanted)
    const { status, text, posted, audited } = await send(envelope(header), { partner: ward })
    expect([status, text]).to.deep.equal([202, ''])
    expect(posted.map(({ url }) => url)).to.deep.equal(['https://ward.test/replies/3'])
    expect(posted[0]?.text)
      .to.contain('you asked why')
      .and.to.contain('urn:test:AskResponse')
      .and.to.match(/RelatesTo>urn:uuid:1</)
      .and.to.match(/To>https:\/\/ward.test\/replies\/3</)
      .and.to.match(/<Call xmlns="urn:ward"[^>]*IsReferenceParameter="true">17</)
      .and.not.to.contain('ReplyTo')
    expect(audited.map(record => record.outcome)).to.deep.equal([0])
  })

  it('sends a fault there too, or to FaultTo, or back on the connection where FaultTo says so', async () => {
    const wrong = '<q:Order xmlns:q="urn:test"/>'
    const there = asked + replyTo('https://ward.test/replies')
    const sent = await send(envelope(there, wrong), { partner: ward })
    expect(sent.status).to.equal(202)
    expect(sent.posted[0]?.text).to.contain('Fault').and.to.contain('TEST-1 carries')
    const faultTo = replyTo('https://ward.test/replies/faults').replaceAll('ReplyTo', 'FaultTo')
    const [posted] = (await send(envelope(there + faultTo, wrong), { partner: ward })).posted
    expect(posted?.url).to.equal('https://ward.test/replies/faults')
    const here = replyTo('http://www.w3.org/2005/08/addressing/anonymous').replaceAll('ReplyTo', 'FaultTo')
    const answered = await send(envelope(there + here, wrong), { partner: ward })
    expect(answered.status).to.equal(500)
    expect(answered.text).to.contain('TEST-1 carries')
    expect(answered.posted).to.deep.equal([])
  })

  it('does nothing for a partner who does not take its answers [WS-Addressing 1.0 SOAP Binding: 6.4.5]', async () => {
    let handled = false
    const handle: Handle = async () => {
      handled = true
      return { status: 'Success', errors: [], words: '' }
    }
    const header = asked + replyTo('https://ward.test/replies')
    const { status, text } = await send(envelope(header), { partner: ward, room: false, handle })
    expect(status).to.equal(503)
    expect(text).to.contain('EndpointUnavailable')
    expect(handled).to.equal(false)
  })

  it('audits an answer that could not be delivered, beside the record of what was done', async () => {
    const header = asked + replyTo('https://ward.test/replies')
    const { posted, audited } = await send(envelope(header), { partner: ward })
    posted[0]?.lost('nobody there')
    expect(audited.map(record => record.outcome)).to.deep.equal([0, 8])
    expect(audited[1]?.outcomeDescription).to.equal('nobody there')
  })

  it('answers an unforeseen failure in the transaction’s own form, with the trace id and nothing of our insides', async () => {
    const { status, text, headers, audited } = await send(envelope(), {
      handle: async () => {
        throw new TypeError('secret of line 17')
      },
    })
    expect(status).to.equal(200)
    expect(text).to.contain('XDSRegistryError').and.to.contain(headers.traceparent!.slice(3, 35))
    expect(text).not.to.contain('secret').and.not.to.contain('.js')
    expect(audited[0]?.outcome).to.equal(8)
  })

  it('says OutOfResources where the disk is full, in the name of the actor', async () => {
    const handle = async () => {
      throw new StoreFull('no space is left')
    }
    expect((await send(envelope(), { handle })).text).to.contain('XDSRegistryOutOfResources')
    expect((await send(envelope(), { handle, name: 'Document Repository' })).text).to.contain(
      'XDSRepositoryOutOfResources',
    )
  })

  it('does not call refused what may stand in the log of a database that could not be synced', async () => {
    const handle = async () => {
      throw new StoreBroken('disk I/O error at page 17')
    }
    const { text } = await send(envelope(), { handle })
    expect(text)
      .to.contain('XDSRegistryBusy')
      .and.to.contain('cannot be told before the service has been started again')
    expect(text).not.to.contain('page 17')
  })

  it('calls Busy, and no refusal, what a database does not let us do [ITI TF-3:4.2.4.1]', async () => {
    const handle = async () => {
      throw new StoreRefused('the database does not let this service work; send this one again later', {
        cause: new Error('permission denied for table secrets'),
      })
    }
    const logged: object[] = []
    const { text } = await send(envelope(), { handle, logged })
    expect(text).to.contain('XDSRegistryBusy').and.to.contain('does not let this service work')
    expect(text).not.to.contain('permission denied')
    expect(logged).to.have.length(1)
    expect(logged[0]).to.include({ because: 'permission denied for table secrets' })
  })

  it('answers Busy in the transaction’s own form when too many requests are under way', async () => {
    let handled = false
    const handle: Handle = async (question, context, around) => {
      handled = true
      return hello(question, context, around)
    }
    const { text } = await send(envelope(), { late: true, handle })
    expect(text).to.contain('XDSRegistryBusy')
    expect(handled).to.equal(false)
  })

  it('withholds the answer when its audit record cannot be kept', async () => {
    const { status, text } = await send(envelope(), { append: () => Promise.reject(new Error('disk gone')) })
    expect(status).to.equal(500)
    expect(text).to.contain('audit record').and.not.to.contain('you asked').and.not.to.contain('disk gone')
  })

  it('discloses nothing where there is no room for the audit record, says OutOfResources, and writes that down later', async () => {
    const held: AuditRecord[] = []
    const { text } = await send(envelope(), { held, append: () => Promise.reject(new StoreFull('no space is left')) })
    expect(text).to.contain('XDSRegistryOutOfResources').and.not.to.contain('you asked')
    expect(held.map(({ outcome }) => outcome)).to.deep.equal([8])
  })

  it('leaves a refusal what it is where there is no room for its audit record, and writes that down later', async () => {
    const held: AuditRecord[] = []
    const refused: Answer = {
      ...{ status: 'Failure', words: '' },
      errors: [{ errorCode: 'XDSRegistryNotAvailable', codeContext: 'it may yet be registered', severity: 'Error' }],
    }
    const { text } = await send(envelope(), {
      ...{ held, append: () => Promise.reject(new StoreFull('no space is left')) },
      handle: async () => refused,
    })
    expect(text).to.contain('it may yet be registered').and.not.to.contain('OutOfResources')
    expect(held.map(({ outcome }) => outcome)).to.deep.equal([8])
  })

  it('writes no second record where the handler has committed the exchange’s own', async () => {
    const { audited } = await send(envelope(), {
      handle: async (question, context, around) => {
        const response = await hello(question, context, around)
        expect(around.auditRecords(response).map(record => record.outcome)).to.deep.equal([0])
        return response
      },
    })
    expect(audited).to.deep.equal([])
  })

  it('writes the record of a work that was run again and ended without a commit', async () => {
    const { audited } = await send(envelope(), {
      handle: async (question, context, around) => {
        const response = await hello(question, context, around)
        around.auditRecords(response)
        around.uncommitted?.()
        return response
      },
    })
    expect(audited.map(record => record.outcome)).to.deep.equal([0])
  })

  it('writes the record after all when the commit with it has failed', async () => {
    const { audited } = await send(envelope(), {
      handle: async (question, context, around) => {
        around.auditRecords(await hello(question, context, around))
        throw new StoreFull('no space is left')
      },
    })
    expect(audited.map(record => record.outcome)).to.deep.equal([8])
  })

  it('has no exchange and no answer when the partner goes away in the middle', async () => {
    async function* broken() {
      yield Buffer.from('<s:Envelope')
      throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
    }
    let failure: unknown
    await send(broken()).catch(problem => {
      failure = problem
    })
    expect((failure as Error).message).to.equal('aborted')
  })

  it('audits an answer that breaks off in the middle, beside the record of its beginning', async () => {
    async function* spoilt() {
      yield Buffer.from('the first half')
      throw new Error('the second half is damaged')
    }
    const records: AuditRecord[] = []
    const append = async (more: AuditRecord[]) => void records.push(...more)
    const handle: Handle = async () => ({ status: 'Success', errors: [], words: '', attachment: spoilt })
    let failure: unknown
    await send(envelope(), { handle, append, partner: { answerForm: 'MTOM' } }).catch(problem => {
      failure = problem
    })
    expect((failure as Error).message).to.equal('the second half is damaged')
    expect(records.map(record => record.outcome)).to.deep.equal([0, 8])
    expect(records[1]?.outcomeDescription).to.contain('the second half is damaged')
  })

  it('audits a request that cannot be read at all', async () => {
    const { status, audited } = await send('this is no XML')
    expect(status).to.equal(500)
    expect(audited).to.have.length(1)
  })
})
