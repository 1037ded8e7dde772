// Which requests need an assertion: by endpoint, by transaction, by who sends it on.
import { join } from 'node:path'
import { expect } from 'chai'
import { issueSelfSigned, newKey } from '../../certs/issue.js'
import { carnetConfig, registryConfig } from '../../config/carnet-config.js'
import { systemPorts } from '../../ports/ports.js'
import { type Assertions, openAssertions } from '../../server/assertions.js'
import { silentLog } from '../../server/log.js'
import { SoapFault } from '../../soap/fault.js'
import { securityHeader } from '../../xua/issue.js'
import * as a from '../xua/a-token.js'

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
      return assertions?.claimsOf({ transaction, security, partner, certificate: undefined })?.eprSpid ?? 'nobody'
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
      'ITI-44',
      'ITI-8',
    ]
    const needed = all.filter(transaction => outcome(assertions, transaction) !== 'nobody')
    expect(needed).to.deep.equal(['ITI-18', 'ITI-41', 'ITI-43', 'ITI-57', 'ITI-61', 'ITI-86', 'ITI-92'])
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
})
