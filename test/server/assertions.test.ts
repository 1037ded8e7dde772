// Which requests need an assertion: by endpoint, by transaction, by who sends it on.
import { join } from 'node:path'
import { expect } from 'chai'
import { issueSelfSigned, newKey } from '../../certs/issue.js'
import { carnetConfig } from '../../config/carnet-config.js'
import { registryConfig } from '../../config/registry-config.js'
import { systemPorts } from '../../ports/ports.js'
import { type Assertions, openAssertions, type SharedUses } from '../../server/assertions.js'
import { SoapFault } from '../../soap/fault.js'
import type { Claims } from '../../xua/claims.js'
import { securityHeader } from '../../xua/issue.js'
import * as a from '../xua/a-token.js'
import { silentLog } from './silent-log.js'

describe('requests with and without an assertion', () => {
  let folder: string
  let key: string
  let nowMs = a.nowMs
  const opened: Assertions[] = []

  before(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-assertions-')
    key = await newKey()
    const validity = { fromMs: a.nowMs - 86_400_000, toMs: a.nowMs + 86_400_000 }
    await systemPorts.files.replace(
      join(folder, 'issuer.pem'),
      issueSelfSigned(key, 'x', validity, systemPorts.randomness),
    )
  })
  beforeEach(() => {
    nowMs = a.nowMs
  })
  afterEach(() => {
    for (const each of opened.splice(0)) each.close()
  })
  after(() => systemPorts.files.removeFolder(folder))

  type Section = Parameters<typeof openAssertions>[0]['section']

  async function open(
    section: Partial<Section>,
    issuers = [{ issuer: a.issuer, certificates: [join(folder, 'issuer.pem')] }],
  ) {
    const xua = carnetConfig.shape.xua.parse({ rules: 'ch-epr', issuers, issuersFile: join(folder, 'none.json') })
    const assertions = await openAssertions({
      config: { mode: 'development', xua },
      section: { xua: 'off', xuaByTransaction: {}, ...section },
      origin: 'https://localhost:8441/registry',
      ports: { ...systemPorts, clock: { ...systemPorts.clock, now: () => nowMs } },
      log: silentLog,
    })
    if (assertions !== undefined) opened.push(assertions)
    return assertions
  }

  function outcome(assertions: Assertions | undefined, transaction: string, content?: string, handsOn = false): string {
    const security = content === undefined ? undefined : a.securityIn(a.messageWith(securityHeader(content)))
    const partner = { name: 'ward', roles: new Set(['consumer'] as const), address: '10.0.0.1', handsOn }
    try {
      const claims = assertions?.claimsOf({ transaction, security, partner, certificate: undefined })
      expect(claims, 'known at once').not.to.be.instanceOf(Promise)
      return (claims as Claims | undefined)?.eprSpid ?? 'nobody'
    } catch (problem) {
      if (problem instanceof SoapFault) return `${problem.subcode?.name}`
      throw problem
    }
  }

  const good = () => a.token({}, { key })
  const bad = () => good().replace('Martina', 'Martinx')

  it('need one where it is required, may have one where it is optional, and are not asked where it is off', async () => {
    const required = await open({ xua: 'required' })
    const optional = await open({ xua: 'optional' })
    const contents = [undefined, '', good(), bad()]
    expect(contents.map(each => outcome(required, 'ITI-18', each))).to.deep.equal([
      ...['InvalidSecurity', 'InvalidSecurity'],
      ...[a.spid, 'FailedCheck'],
    ])
    expect(contents.map(each => outcome(optional, 'ITI-18', each))).to.deep.equal([
      ...['nobody', 'nobody'],
      ...[a.spid, 'FailedCheck'],
    ])
    expect(await open({ xua: 'off' })).to.equal(undefined)
  })

  it('are as without one where it may be absent and nobody who is trusted has made it', async () => {
    const strange = a.token({ issuer: 'urn:stranger' }, { key })
    const wrapped = strange.replace('</saml2:Conditions>', `$&<saml2:Advice>${good()}</saml2:Advice>`)
    const optional = await open({ xua: 'optional' })
    expect([strange, '<x/>', wrapped].map(each => outcome(optional, 'ITI-18', each))).to.deep.equal([
      ...['nobody', 'nobody', 'InvalidSecurity'],
    ])
    const required = await open({ xua: 'required' })
    expect([strange, '<x/>'].map(each => outcome(required, 'ITI-18', each))).to.deep.equal([
      ...['FailedAuthentication', 'UnsupportedSecurityToken'],
    ])
  })

  it('are held to what is said of their transaction, and those of the feed to nothing', async () => {
    const assertions = await open({ xua: 'required', xuaByTransaction: { 'ITI-62': 'off', 'ITI-42': 'optional' } })
    const all = [
      'ITI-18',
      'ITI-41',
      'ITI-42',
      'ITI-43',
      'ITI-57',
      'ITI-61',
      'ITI-62',
      'ITI-86',
      'ITI-92',
      'RAD-69',
      'RAD-75',
      'ITI-44',
      'ITI-8',
    ]
    const needed = all.filter(transaction => outcome(assertions, transaction) !== 'nobody')
    expect(needed).to.deep.equal([
      'ITI-18',
      'ITI-41',
      'ITI-43',
      'ITI-57',
      'ITI-61',
      'ITI-86',
      'ITI-92',
      'RAD-69',
      'RAD-75',
    ])
    expect(outcome(assertions, 'ITI-62', bad())).to.equal('nobody')
    expect(outcome(await open({ xuaByTransaction: { 'ITI-86': 'required' } }), 'ITI-86')).to.equal('InvalidSecurity')
  })

  it('may come late from a repository, with what it sends for others', async () => {
    const assertions = await open({ xua: 'required' })
    nowMs = a.nowMs + 3_600_000
    expect(outcome(assertions, 'ITI-42', good())).to.equal('InvalidSecurityToken')
    expect(outcome(assertions, 'ITI-42', good(), true)).to.equal(a.spid)
    expect(outcome(assertions, 'ITI-57', good(), true)).to.equal('InvalidSecurityToken')
  })

  it('are told in /readyz when nobody is trusted', async () => {
    const assertions = await open({ xua: 'required' }, [])
    expect(assertions?.checks()[0]).to.deep.include({ ok: true, warns: true })
    expect(outcome(assertions, 'ITI-18', good())).to.equal('FailedAuthentication')
    expect((await open({ xua: 'required' }))?.checks()).to.deep.equal([
      { name: 'issuers of assertions', ok: true, reason: '1 are trusted' },
    ])
    expect(registryConfig.shape.xua.parse(undefined)).to.equal('off')
  })

  it('for one use are used by one of several processes that count together, whichever is asked [SAML Core: 2.5.1.5]', async () => {
    const [one, other] = [await open({ xua: 'required' }), await open({ xua: 'required' })]
    const taken: string[] = []
    const uses: SharedUses = {
      async take({ id }) {
        const isFirst = !taken.includes(id)
        taken.push(id)
        return isFirst
      },
    }
    for (const each of [one, other]) each?.share(uses)
    // Issued before either of them has begun to count: others may have.
    const once = a.token({ oneTimeUse: true, issuedMs: a.nowMs - 60_000 }, { key })
    const asked = async (assertions: Assertions | undefined, content: string) => {
      const security = a.securityIn(a.messageWith(securityHeader(content)))
      const partner = { name: 'ward', roles: new Set(['consumer'] as const), address: '10.0.0.1' }
      try {
        const claims = assertions?.claimsOf({ transaction: 'ITI-18', security, partner, certificate: undefined })
        return (await claims)?.eprSpid
      } catch (problem) {
        return (problem as SoapFault).subcode?.name
      }
    }
    expect(await asked(one, once.replace('Martina', 'Martinx'))).to.equal('FailedCheck')
    expect(taken).to.deep.equal([])
    expect(await asked(one, once)).to.equal(a.spid)
    for (const each of [other, one]) expect(await asked(each, once)).to.equal('FailedAuthentication')
    for (const each of [one, other, one]) expect(await asked(each, good())).to.equal(a.spid)
    expect(taken).to.have.length(3)
  })
})
