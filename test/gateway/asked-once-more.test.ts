// A question whose connection was kept, and had been ended by the other side meanwhile: it is asked once more, and nothing else is.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import type { AuditRecord } from '../../atna-audit/message.js'
import { openOnward } from '../../gateway/onward.js'
import type { HttpClient, TlsIdentity } from '../../ports/network.js'
import { systemPorts } from '../../ports/ports.js'
import { openCaller } from '../../server/caller.js'
import { openSpool } from '../../soap/spool.js'
import { crossGatewayQuery, crossGatewayRetrieve } from '../../transactions/communities/xca.js'
import { crossGatewayDocumentProvide } from '../../transactions/communities/xcdr.js'
import { collected, envelope, folder, plainType } from '../soap/wire.js'
import { bern, documentsFor, fromHospital, named } from './a-gateway.js'

const place = folder()
after(() => place.remove())

const url = 'https://bern/gateway'
const query = { id: 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d', returnType: 'LeafClass', slots: [] }
const success = 'urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success'
const found = envelope(
  `<AdhocQueryResponse xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" status="${success}"/>`,
)

/** One after the other: an error, or what is answered. */
function asking(...answers: (Error | string)[]) {
  const audited: AuditRecord[] = []
  let asked = 0
  const alone: (boolean | undefined)[] = []
  const client: HttpClient = {
    async call({ body, alone: isAlone }) {
      await collected(body ?? [])
      alone.push(isAlone)
      const answer = answers[asked] ?? found
      asked += 1
      if (typeof answer !== 'string') throw answer
      return { status: 200, headers: { 'content-type': plainType }, body: Readable.from([Buffer.from(answer)]) }
    },
    renewTls() {},
    close() {},
  }
  const ports = { ...systemPorts, network: { ...systemPorts.network, httpClient: () => client } }
  const onward = openOnward({
    ...{ ports, spool: openSpool({ ...systemPorts, folder: place.path }) },
    caller: openCaller({ tls: {} as TlsIdentity, ports, folder: place.path }),
    outbox: { append: async records => void audited.push(...records) },
  })
  return {
    query: () =>
      onward.ask(crossGatewayQuery, query, { url, timeoutMs: 5_000 }, fromHospital()).then(
        ({ status }) => status,
        (problem: Error) => problem.message,
      ),
    retrieve: () =>
      onward
        .receive(crossGatewayRetrieve, { documents: [named('1.2')] }, { url, timeoutMs: 5_000 }, fromHospital())
        .catch((problem: Error) => problem.message),
    provide: () =>
      onward
        .ask(crossGatewayDocumentProvide, documentsFor([bern]), { url, timeoutMs: 5_000 }, fromHospital())
        .catch((problem: Error) => problem.message),
    alone,
    asked: () => asked,
    outcomes: () => audited.map(({ outcome }) => outcome),
  }
}

const broken = (more: object = { onKeptConnection: true }) =>
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }, more)

describe('a question to another community', () => {
  it('is asked once more where a kept connection turns out to be ended, and written down once [ITI TF-2:3.38.4.1.3]', async () => {
    const gateway = asking(broken())
    expect([await gateway.query(), gateway.asked()]).to.deep.equal(['Success', 2])
    expect(gateway.outcomes()).to.deep.equal([0])
  })

  it('is not asked a third time', async () => {
    const gateway = asking(broken(), broken())
    expect(await gateway.query()).to.contain('the connection was broken off')
    expect([gateway.asked(), gateway.outcomes()]).to.deep.equal([2, [8]])
  })

  it('is asked once where its own connection broke, or nobody is there, or an answer had begun', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', onKeptConnection: true })
    for (const problem of [broken({}), refused, '<half an envelo']) {
      const gateway = asking(problem)
      await gateway.query()
      expect(gateway.asked(), String(problem)).to.equal(1)
    }
  })

  it('is what documents are not: they are sent once, on a connection of their own [ITI TF-2:3.80.4.1.3]', async () => {
    const gateway = asking(broken())
    expect(await gateway.provide()).to.contain('the connection was broken off')
    expect([gateway.asked(), gateway.outcomes(), gateway.alone]).to.deep.equal([1, [8], [true]])
  })

  it('is asked once more for documents too [ITI TF-2:3.39.4.1.3]', async () => {
    const gateway = asking(broken(), broken())
    expect(await gateway.retrieve()).to.contain('the connection was broken off')
    expect(gateway.asked()).to.equal(2)
  })
})
