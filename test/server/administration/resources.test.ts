import { Readable, Writable } from 'node:stream'
import { expect } from 'chai'
import type { AuditRecord } from '../../../atna-audit/message.js'
import type { PeerRole } from '../../../config/peer-roles.js'
import type { HttpRequest } from '../../../ports/network.js'
import { systemPorts } from '../../../ports/ports.js'
import { AdminProblem, type AdminResource, answerAdmin, resourceAt } from '../../../server/administration/resources.js'
import { StoreFull } from '../../../store/failures.js'

const things: AdminResource[] = [
  {
    path: '/admin/things',
    method: 'GET',
    does: 'list things',
    answer: async ({ rest, query }) => ({ rest, q: query.get('q') }),
  },
  {
    ...{ path: '/admin/things', method: 'POST', does: 'add a thing', alsoFor: 'patient-administrator' },
    answer: async ({ body }) => ({ added: body }),
  },
  {
    path: '/admin/things/broken',
    method: 'GET',
    does: 'break',
    answer: async () => Promise.reject(new AdminProblem(404, 'there is none')),
  },
  ...[new StoreFull('the disk is full'), new TypeError('x is not a function')].map((failure, at) => ({
    path: `/admin/failing/${at}`,
    method: 'POST' as const,
    does: 'fail',
    answer: () => Promise.reject(failure),
  })),
]

interface Asking {
  path?: string
  search?: string
  method?: string
  body?: string
  roles?: PeerRole[]
  headers?: Record<string, string>
  /** What becomes of audit records. */
  record?: () => Promise<void>
}

async function ask({
  path = '/admin/things',
  search = '',
  method = 'GET',
  body = '',
  roles = ['admin'],
  headers: sent = {},
  record = async () => {},
}: Asking) {
  const records: AuditRecord[] = []
  const logged: object[] = []
  let status = 0
  let headers: Record<string, string> = {}
  const pieces: Buffer[] = []
  const stream = new Writable({
    write(piece, _, done) {
      pieces.push(Buffer.from(piece))
      done()
    },
  })
  const request = {
    method,
    url: path,
    headers: sent,
    body: Readable.from([Buffer.from(body)]),
    remoteAddress: '127.0.0.1',
    peer: undefined,
  }
  const reply = {
    stream,
    start(given: number, all: Record<string, string>) {
      status = given
      headers = all
    },
    abort() {},
  }
  await answerAdmin(
    request as HttpRequest,
    reply,
    { name: 'ann', roles: new Set(roles), address: '127.0.0.1' },
    { path, search },
    {
      actor: 'Document Registry',
      base: 'https://localhost/registry',
      ports: systemPorts,
      record: async more => {
        await record()
        records.push(...more)
      },
      hold: more => void records.push(...more),
      log: { error: facts => void logged.push(facts) },
      resources: things,
    },
  )
  return { status, headers, answer: JSON.parse(Buffer.concat(pieces).toString()) as unknown, records, logged }
}

describe('resources for administrators', () => {
  it('answer JSON that nobody may keep, and are written down [DICOM PS3.15 A.5.3.11]', async () => {
    const { status, headers, answer, records } = await ask({ path: '/admin/things/a%20b', search: 'q=1' })
    expect(status).to.equal(200)
    expect(answer).to.deep.equal({ rest: 'a b', q: '1' })
    expect(headers).to.include({ 'cache-control': 'no-store' })
    expect(records.map(({ outcome, participants }) => [outcome, participants[1]?.userID])).to.deep.equal([[0, 'ann']])
    expect(records[0]?.objects[0]).to.deep.include({ id: 'https://localhost/registry/admin/things/a%20b?q=1' })
  })

  it('take what is posted to them', async () => {
    expect((await ask({ method: 'POST', body: '{"a":1}' })).answer).to.deep.equal({ added: { a: 1 } })
    expect((await ask({ method: 'POST' })).answer).to.deep.equal({})
  })

  it('are closed to everybody else, who is written down', async () => {
    const { status, answer, records } = await ask({ roles: ['source', 'consumer', 'feed'] })
    expect(status).to.equal(403)
    expect(answer).to.deep.equal({
      problem: 'ann may not list things: its certificate needs the role admin in "peers"',
    })
    expect(records.map(({ outcome }) => outcome)).to.deep.equal([8])
  })

  it('may be for another role too, one by one', async () => {
    const roles: PeerRole[] = ['patient-administrator']
    expect((await ask({ method: 'POST', body: '1', roles })).answer).to.deep.equal({ added: 1 })
    expect((await ask({ roles })).status).to.equal(403)
    const { answer } = await ask({ method: 'POST', body: '1', roles: ['feed'] })
    expect(answer).to.deep.equal({
      problem: 'ann may not add a thing: its certificate needs the role admin or patient-administrator in "peers"',
    })
  })

  it('do nothing that a page of another site asks for with the certificate of somebody’s browser [Fetch Metadata: 2.3]', async () => {
    const posted = async (headers: Record<string, string>) => {
      const { status, records } = await ask({ method: 'POST', body: '{}', headers })
      return [status, records.map(({ outcome }) => outcome)]
    }
    const others: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' },
      { 'sec-fetch-site': 'same-site', origin: 'https://localhost:1' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
    ]
    for (const headers of others) expect([headers, ...(await posted(headers))]).to.deep.equal([headers, 403, [8]])
    const ours: Record<string, string>[] = [{ 'sec-fetch-site': 'none' }, { origin: 'https://localhost' }]
    for (const headers of ours) expect(await posted(headers)).to.deep.equal([200, [0]])
  })

  it('say what is wrong with a request, and write that down too', async () => {
    const broken = await ask({ path: '/admin/things/broken' })
    expect([broken.status, broken.answer]).to.deep.equal([404, { problem: 'there is none' }])
    expect(broken.records.map(({ outcome, outcomeDescription }) => [outcome, outcomeDescription])).to.deep.equal([
      [4, 'there is none'],
    ])
    expect((await ask({ method: 'POST', body: '{' })).status).to.equal(400)
    expect((await ask({ method: 'POST', body: `"${'x'.repeat(1_048_577)}"` })).status).to.equal(413)
    expect((await ask({ path: '/admin/things/%ff' })).status).to.equal(400)
    expect((await ask({ method: 'DELETE' })).status).to.equal(405)
  })

  it('say that something has failed too, in words or by a reference to the log, and write it down', async () => {
    const full = await ask({ path: '/admin/failing/0', method: 'POST' })
    expect([full.status, full.answer, full.logged]).to.deep.equal([503, { problem: 'the disk is full' }, []])
    const unforeseen = await ask({ path: '/admin/failing/1', method: 'POST' })
    const [{ reference, failure }] = unforeseen.logged as [{ reference: string; failure: string }]
    expect([unforeseen.status, failure.split('\n')[0]]).to.deep.equal([500, 'TypeError: x is not a function'])
    expect(unforeseen.answer).to.deep.equal({
      problem: `an internal error; its details are in the log of this service (reference ${reference})`,
    })
    for (const { records } of [full, unforeseen]) expect(records.map(({ outcome }) => outcome)).to.deep.equal([4])
  })

  it('are answered where nothing can be written down: what was not done at once, what was done as failed', async () => {
    const record = () => Promise.reject(new StoreFull('the disk is full'))
    const refused = await ask({ path: '/admin/things/broken', record })
    expect([refused.status, refused.records.map(({ outcome }) => outcome)]).to.deep.equal([404, [4]])
    const listed = await ask({ record })
    expect([listed.status, listed.answer]).to.deep.equal([503, { problem: 'the disk is full' }])
  })

  it('are found by the longest path, at it and below it', () => {
    const at = (path: string) => resourceAt(path, { resources: things })
    expect(at('/admin/things/x/y')).to.deep.include({ rest: 'x/y' })
    expect(at('/admin/things/broken')?.found).to.deep.equal([things[2]])
    expect(at('/admin/thingsome')).to.equal(undefined)
    expect(at('')).to.equal(undefined)
  })
})
