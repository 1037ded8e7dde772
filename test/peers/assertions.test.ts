// A deployment of the Swiss EPR that asks for assertions: from the token that a client gets to the fault that an attacker sees.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { run } from '../../cli/main.js'
import { flagsOfRun } from '../../cli/run-file.js'
import { runService } from '../../cli/services/run-service.js'
import { loadConfig } from '../../config/load.js'
import { systemPorts } from '../../ports/ports.js'
import { openCaller } from '../../server/caller.js'
import { namespaces } from '../../soap/namespaces.js'
import { crossGatewayDocumentProvide } from '../../transactions/communities/xcdr.js'
import { playedTerminal } from '../cli/played-terminal.js'
import { anImage } from '../dicom/an-image.js'
import { aSwissSubmission } from '../samples/swiss.js'
import { aDeployment, type RunningDeployment } from './a-deployment.js'

const patient = 'P-1^^^&2.999.1&ISO'
const otherPatient = 'P-2^^^&2.999.1&ISO'
const spid = '761337610411353650'
const otherSpid = '761337610000000019'
const authority = '&2.16.756.5.30.1.127.3.10.3&ISO'

describe('a deployment that asks for assertions', function () {
  this.timeout(120_000)
  let running: RunningDeployment
  const data = () => ['--data', running.folder]
  const at = (name: string) => join(running.folder, name)

  before(async () => {
    running = await aDeployment({}, undefined, {}, { profile: 'ch-epr', xua: 'required' })
    await carnet('patient', 'add', patient, `${spid}^^^${authority}`)
    await carnet('patient', 'add', otherPatient, `${otherSpid}^^^${authority}`)
    await token('own.xml', '--role', 'HCP', '--patient', spid)
    await token('other.xml', '--role', 'HCP', '--patient', otherSpid)
    writeFileSync(at('report.txt'), 'a report')
  })
  after(() => running?.close())

  async function carnet(...args: string[]) {
    const terminal = playedTerminal(running.folder)
    await run([...args, ...data()], { ports: systemPorts, terminal })
    return { code: terminal.exitCode, printed: terminal.printed.join('\n'), complained: terminal.complained.join('\n') }
  }

  async function token(file: string, ...args: string[]): Promise<void> {
    const { code, complained } = await carnet('token', ...args, '-o', file)
    expect(code, complained).to.equal(0)
  }

  async function post(url: string, action: string, body: string, header = '') {
    const client = systemPorts.network.httpClient(await running.identity('client'))
    const message =
      `<s:Envelope xmlns:s="${namespaces.soap12}"><s:Header><a:Action xmlns:a="${namespaces.wsa}">${action}</a:Action>` +
      `${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
    const headers = { 'content-type': 'application/soap+xml' }
    const answer = await client.call({ url, method: 'POST', headers, body: [Buffer.from(message)], timeoutMs: 20_000 })
    const pieces: Buffer[] = []
    for await (const piece of answer.body) pieces.push(piece as Buffer)
    client.close()
    return { status: answer.status, text: Buffer.concat(pieces).toString() }
  }

  let uniqueId = ''

  it('registers for the patient of the assertion, which the repository hands on [TF-2:3.40.4.1]', async () => {
    const submit = (...args: string[]) =>
      carnet('submit', 'report.txt', '--title', 'Report', '--patient', patient, ...args)
    const without = await submit()
    expect([without.code, without.complained]).to.deep.equal([1, without.complained])
    expect(without.complained).to.match(/The wsse:Security header cannot be processed/)
    const other = await submit('--token', 'other.xml')
    expect(other.code).to.equal(1)
    expect(other.complained).to.match(
      /the registry refuses the assertion: The security token could not be authenticated/,
    )
    const own = await submit('--token', 'own.xml')
    expect(own.code, own.complained).to.equal(0)
    uniqueId = /uniqueId +(\S+)/.exec(own.printed)?.[1] ?? ''
    expect(uniqueId).to.match(/^2\.25\./)
  })

  it('finds and hands out what is the patient’s, and nothing of others [EPR annex 5.1:1.6.4.2]', async () => {
    const found = await carnet('query', '--patient', patient, '--token', 'own.xml')
    expect(found.printed).to.contain(uniqueId)
    const foreign = await carnet('query', '--patient', patient, '--token', 'other.xml')
    expect([foreign.code, foreign.complained]).to.deep.equal([1, foreign.complained])
    expect(foreign.complained)
      .to.match(/could not be authenticated or authorized/)
      .and.not.to.contain(spid)
    expect((await carnet('retrieve', uniqueId, '-o', 'out.txt', '--token', 'own.xml')).code).to.equal(0)
    expect(readFileSync(at('out.txt'), 'utf8')).to.equal('a report')
    // Straight to the repository, which has to ask whose it is.
    const wanted =
      `<x:RetrieveDocumentSetRequest xmlns:x="${namespaces.xdsb}"><x:DocumentRequest>` +
      `<x:RepositoryUniqueId>${running.repositoryUniqueId}</x:RepositoryUniqueId>` +
      `<x:DocumentUniqueId>${uniqueId}</x:DocumentUniqueId></x:DocumentRequest></x:RetrieveDocumentSetRequest>`
    const security = (file: string) =>
      `<w:Security xmlns:w="${namespaces.wsse}">${readFileSync(at(file), 'utf8')}</w:Security>`
    const retrieve = (file: string) =>
      post(running.urls.repository, 'urn:ihe:iti:2007:RetrieveDocumentSet', wanted, security(file))
    expect((await retrieve('own.xml')).text).to.contain('ResponseStatusType:Success')
    const refused = (await retrieve('other.xml')).text
    expect(refused).to.contain('XDSDocumentUniqueIdError').and.not.to.contain('a report')
  })

  it('hands out images to whoever may see their manifest, and to nobody else [ITI TF-2:3.40.4.1] [IHE RAD TF-2: 4.69.4.1.3]', async () => {
    writeFileSync(at('image.dcm'), anImage({ patientAuthority: '2.999.30' }))
    const added = await carnet('imaging', 'add', 'image.dcm', '--patient', patient, '--token', 'own.xml')
    expect(added.code, added.complained).to.equal(0)
    const manifest = /uniqueId +(\S+)/.exec(added.printed)?.[1] ?? ''
    const own = await carnet('retrieve', '--images', manifest, '-o', 'images', '--token', 'own.xml')
    expect(own.code, own.complained).to.equal(0)
    expect(readFileSync(at('images/2.999.70.1.dcm')).equals(readFileSync(at('image.dcm')))).to.equal(true)
    const wanted =
      `<r:RetrieveImagingDocumentSetRequest xmlns:r="${namespaces.xdsi}" xmlns:x="${namespaces.xdsb}">` +
      '<r:StudyRequest studyInstanceUID="2.999.71"><r:SeriesRequest seriesInstanceUID="2.999.72"><x:DocumentRequest>' +
      `<x:RepositoryUniqueId>${running.repositoryUniqueId}</x:RepositoryUniqueId>` +
      '<x:DocumentUniqueId>2.999.70.1</x:DocumentUniqueId></x:DocumentRequest></r:SeriesRequest></r:StudyRequest>' +
      '<r:TransferSyntaxUIDList><r:TransferSyntaxUID>1.2.840.10008.1.2.1</r:TransferSyntaxUID>' +
      '</r:TransferSyntaxUIDList></r:RetrieveImagingDocumentSetRequest>'
    const ask = async (header: string) =>
      (await post(running.urls.repository, 'urn:ihe:rad:2009:RetrieveImagingDocumentSet', wanted, header)).text
    const security = (file: string) =>
      `<w:Security xmlns:w="${namespaces.wsse}">${readFileSync(at(file), 'utf8')}</w:Security>`
    expect(await ask(security('own.xml'))).to.contain('ResponseStatusType:Success')
    expect(await ask(security('other.xml')))
      .to.contain('XDSDocumentUniqueIdError')
      .and.not.to.contain('refuses')
    expect(await ask('')).to.contain('InvalidSecurity')
  })

  it('takes documents of another community for the patient of the assertion that came with them, and for nobody else [ITI TF-2:3.80.4.1.3, 3.40.4.1] [EPR annex 5.1:1.6.4.2]', async () => {
    const flags = await flagsOfRun(running.folder, { ports: systemPorts, terminal: playedTerminal(running.folder) })
    const { gateway: section, ...config } = await loadConfig(at('carnet.json'), systemPorts, flags)
    if (section === undefined) throw new Error('there is no gateway')
    const gateway = await runService('gateway', { ...config, gateway: { ...section, xua: 'required' } }, systemPorts)
    // Its certificate has the role of gateways, as that of another community has.
    const other = openCaller({ tls: await running.identity('gateway'), ports: systemPorts })
    try {
      const bytes = Buffer.from('a report of others')
      const hash = createHash('sha1').update(bytes).digest('hex')
      const submission = aSwissSubmission({ patientId: patient, documentEntry: { hash, size: String(bytes.length) } })
      const [entry] = submission.documentEntries
      const documents = [{ id: entry?.entryUUID ?? '', content: { inline: bytes } }]
      const request = { submission, documents, homes: [section.homeCommunityId] }
      const provide = (...headers: string[]) =>
        other.call(crossGatewayDocumentProvide, request, { url: running.urls.gateway, headers }).then(
          ({ response }) => response.errors.map(({ codeContext }) => codeContext).join() || response.status,
          problem => String(problem),
        )
      const security = (text: string) => `<w:Security xmlns:w="${namespaces.wsse}">${text}</w:Security>`
      const own = readFileSync(at('own.xml'), 'utf8')
      expect(await provide()).to.contain('The wsse:Security header cannot be processed')
      expect(await provide(security(own.replace('HCP of', 'XXX of')))).to.contain('signature')
      const refused = await provide(security(readFileSync(at('other.xml'), 'utf8')))
      expect(refused).to.contain('the registry refuses the assertion').and.not.to.contain(otherSpid)
      const find = () => carnet('query', '--patient', patient, '--token', 'own.xml')
      expect((await find()).printed).not.to.contain(entry?.uniqueId)
      expect(await provide(security(own))).to.equal('Success')
      expect((await find()).printed).to.contain(entry?.uniqueId)
    } finally {
      other.close()
      await gateway.close(1_000)
    }
  })

  it('tells an attacker a code and nothing else, and the auditor all [TF-2:3.40.4.1.3]', async () => {
    const query = `<q:AdhocQueryRequest xmlns:q="${namespaces.query}"/>`
    const ask = (header: string) => post(running.urls.registry, 'urn:ihe:iti:2007:RegistryStoredQuery', query, header)
    const security = (content: string) => `<w:Security xmlns:w="${namespaces.wsse}">${content}</w:Security>`
    const own = readFileSync(at('own.xml'), 'utf8')
    const codes: [header: string, code: string][] = [
      ['', 'InvalidSecurity'],
      [security(''), 'InvalidSecurity'],
      [security(own) + security(own), 'InvalidSecurity'],
      [security(own.replace('HCP of', 'XXX of')), 'FailedCheck'],
      [security(own.replace('rsa-sha256', 'rsa-sha1')), 'UnsupportedAlgorithm'],
      [security(own.replace('urn:carnet:development:xua', 'urn:x')), 'FailedAuthentication'],
      [security(`<w:UsernameToken/>${own}`), 'UnsupportedSecurityToken'],
    ]
    for (const [header, code] of codes) {
      const { status, text } = await ask(header)
      expect([status, /<s:Subcode><s:Value[^>]*>c:(\w+)</.exec(text)?.[1]], text).to.deep.equal([500, code])
      expect(text).not.to.match(/pinned|digest is|trusted has the name|needs one/)
    }
    const { text } = await ask(security(own.replace('HCP of', 'XXX of')))
    const trace = /trace ([0-9a-f]{32})/.exec(text)?.[1] ?? ''
    let told = ''
    for (let tries = 0; tries < 100 && !told.includes('assertion refused'); tries += 1) {
      told = (await carnet('audit', 'tail', '--trace', trace)).printed
    }
    expect(told).to.match(/assertion refused: the assertion is not what was signed/)
  })

  it('issues assertions to clients that ask for one by WS-Trust [EPR annex 5.1:1.6.4.2.4.1]', async () => {
    const value = (name: string, content: string) =>
      `<a:Attribute xmlns:a="${namespaces.saml2}" Name="${name}"><a:AttributeValue>${content}</a:AttributeValue></a:Attribute>`
    const code = (name: string, code: string) => `<h:${name} xmlns:h="${namespaces.hl7v3}" code="${code}"/>`
    const request = (role: string, purpose: string, resource = `${spid}^^^${authority.replaceAll('&', '&amp;')}`) =>
      `<t:RequestSecurityToken xmlns:t="${namespaces.wst}"><t:Claims>` +
      value('urn:oasis:names:tc:xacml:2.0:subject:role', code('Role', role)) +
      value('urn:oasis:names:tc:xspa:1.0:subject:purposeofuse', code('PurposeOfUse', purpose)) +
      value('urn:oasis:names:tc:xacml:2.0:resource:resource-id', resource) +
      value('urn:e-health-suisse:principal-id', '2000000090092') +
      value('urn:e-health-suisse:principal-name', 'Martina Musterarzt') +
      '</t:Claims></t:RequestSecurityToken>'
    const ask = (...asked: Parameters<typeof request>) =>
      post(`${running.urls.registry}/sts`, `${namespaces.wst}/RST/Issue`, request(...asked))
    const { text } = await ask('ASS', 'NORM')
    expect(text).to.contain('RSTRC/IssueFinal').and.to.contain('Delegate')
    writeFileSync(at('issued.xml'), text)
    const found = await carnet('query', '--patient', patient, '--token', 'issued.xml')
    expect(found.printed, found.complained).to.contain(uniqueId)
    expect((await ask('HCP', 'AUTO')).text).to.match(/InvalidRequest.*the purpose of HCP is to be NORM or EMER/)
    expect((await ask('HCP', 'NORM', '1')).text).to.match(/InvalidRequest.*the patient is to be an EPR-SPID/)
  })

  it('removes what is the patient’s, and nothing of others [TF-2:3.86.4.1.3]', async () => {
    await token('admin.xml', '--role', 'DADM', '--patient', spid)
    await token('admin-of-other.xml', '--role', 'DADM', '--patient', otherSpid)
    const refused = await carnet('remove', uniqueId, '--yes', '--token', 'admin-of-other.xml')
    expect(refused.code).to.equal(1)
    const removed = await carnet('remove', uniqueId, '--yes', '--token', 'admin.xml')
    expect(removed.code, removed.complained).to.equal(0)
    expect((await carnet('retrieve', uniqueId, '-o', 'gone.txt', '--token', 'own.xml')).code).to.equal(1)
  })

  it('makes no token where roles, purposes and patients do not go together', async () => {
    const told = async (...args: string[]) => (await carnet('token', ...args)).complained
    expect(await told('--role', 'XYZ', '--patient', spid)).to.match(/the role is to be HCP/)
    expect(await told('--role', 'PAT', '--patient', spid, '--purpose', 'EMER')).to.match(
      /the purpose of PAT is to be NORM/,
    )
    expect(await told('--role', 'PAT', '--patient', '1')).to.match(/EPR-SPID of 18 digits/)
    expect(await told('--role', 'PAT', '--patient', spid, '--minutes', 'x')).to.match(/--minutes is a number/)
    expect((await carnet('query', '--patient', patient, '--token', 'report.txt')).complained).to.match(
      /holds no saml2:Assertion/,
    )
  })
})
