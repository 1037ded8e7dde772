import { createPrivateKey } from 'node:crypto'
import { join } from 'node:path'
import { expect } from 'chai'
import { issueCa, newKey } from '../../certs/issue.js'
import { xuaConfig } from '../../config/xua-config.js'
import { systemPorts as ports } from '../../ports/ports.js'
import { type Assertions, openAssertions } from '../../server/assertions.js'
import type { SoapFault } from '../../soap/fault.js'
import { issueAssertion } from '../../xua/issue.js'
import { silent } from '../atna-audit/loopback.js'
import { issuer, minuteMs, patient, spid } from '../xua/a-token.js'

describe('an assertion as the token of a request [CH:ATC ITI-81]', () => {
  let folder: string
  let assertions: Assertions
  let token: string

  before(async () => {
    folder = await ports.files.temporaryFolder('carnet-assertions-')
    const nowMs = Date.now()
    const validity = { fromMs: nowMs - 86_400_000, toMs: nowMs + 86_400_000 }
    const ca = issueCa(await newKey(), 'Issuer', validity, ports.randomness)
    const file = join(folder, 'issuer.pem')
    await ports.files.replace(file, ca.cert)
    const config = {
      mode: 'development',
      xua: xuaConfig.parse({
        rules: 'ch-epr',
        issuers: [{ issuer, certificates: [file] }],
        issuersFile: join(folder, 'none'),
      }),
    } as const
    const section = { xua: 'optional', xuaByTransaction: {} } as const
    assertions = (await openAssertions({
      config,
      section,
      origin: 'https://localhost:8443/audit',
      ports,
      log: silent,
    }))!
    const content = { ...patient, issuedMs: nowMs, notBeforeMs: nowMs, notOnOrAfterMs: nowMs + 5 * minuteMs }
    token = issueAssertion(content, { key: createPrivateKey(ca.key) })
  })
  after(async () => {
    assertions.close()
    await ports.files.removeFolder(folder)
  })

  it('says who it is', async () => {
    const claims = await assertions.claimsIn(`<?xml version="1.0"?>\n${token}`, undefined)
    expect([claims.role?.code, claims.eprSpid]).to.deep.equal(['PAT', spid])
  })

  const others: [what: string, change: (token: string) => string][] = [
    ['was changed', token => token.replaceAll(spid, '761337610411353651')],
    ['closes the header around it', token => `${token}</wsse:Security><wsse:Security xmlns:wsse="urn:x">`],
    ['stands beside another', token => token + token],
    ['is no XML', () => 'eyJhbGciOiJub25lIn0.e30.'],
    ['is empty', () => ''],
  ]
  for (const [what, change] of others) {
    it(`is refused where it ${what}`, () => {
      let refused: SoapFault | undefined
      try {
        assertions.claimsIn(change(token), undefined)
      } catch (fault) {
        refused = fault as SoapFault
      }
      expect(refused?.name ?? refused?.constructor.name).to.equal('SoapFault')
    })
  }
})
