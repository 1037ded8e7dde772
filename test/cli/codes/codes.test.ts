// `carnet codes`: lists of others into a folder of the deployment's own, and what a registry makes of it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openDomain } from '../../../affinity/affinity-domain.js'
import { run } from '../../../cli/main.js'
import { prepare } from '../../../cli/services/prepare.js'
import { systemPorts } from '../../../ports/ports.js'
import { aRegistry, codesOf } from '../../registry/a-registry.js'
import { aCode, aSubmission } from '../../samples/submission.js'
import { giveCertificates } from '../certificates-once.js'
import { playedTerminal } from '../played-terminal.js'

const codesXml = `<Codes>
  <CodeType name="classCode" classScheme="urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a">
    <Code code="Consent" display="Consent" codingScheme="Connect-a-thon classCodes"/>
  </CodeType>
  <CodeType name="homegrown"><Code code="A" display="A" codingScheme="x"/></CodeType>
</Codes>`

const valueSet = (codes: string[]) =>
  JSON.stringify({
    ...{ resourceType: 'ValueSet', id: 'DocumentEntry.typeCode', version: '7' },
    compose: { include: [{ system: 'urn:oid:2.999.4', concept: codes.map(code => ({ code, display: code })) }] },
  })

describe('cli/codes', () => {
  let folder: string
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text)

  async function carnet(...args: string[]) {
    const terminal = playedTerminal(folder)
    await run(args, { ports: systemPorts, terminal })
    return { code: terminal.exitCode, printed: terminal.printed.join('\n'), complained: terminal.complained.join('\n') }
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'carnet-codes-'))
    await giveCertificates(join(folder, 'data'))
    await prepare(join(folder, 'data'), { ports: systemPorts, terminal: playedTerminal() })
    put('codes.xml', codesXml)
    put('types.json', valueSet(['A', 'B']))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('makes a folder of its own at the first import, says what it took and what is next', async () => {
    const { code, printed, complained } = await carnet('codes', 'import', 'codes.xml', 'types.json', '--data', 'data')
    expect(code).to.equal(0)
    expect(printed)
      .to.match(/^made \S+\/data\/domain\/domain\.json, which extends ihe$/m)
      .and.match(
        /^DocumentEntry\.classCode: 1 codes of "classCode", any code before {2}\(\S+\/codes\/classCode\.json\)$/m,
      )
      .and.match(/^DocumentEntry\.typeCode: 2 codes of "DocumentEntry.typeCode", any code before/m)
      .and.match(/^next: set "profile" to "\S+\/data\/domain" in carnet\.json/m)
    expect(complained).to.equal(
      'note: codes.xml: homegrown is left out; nothing says which attribute it is for (--attribute)',
    )
  })

  it('lets a registry refuse what is not imported, by attribute, code and scheme, whatever the display name [ITI TF-2:3.42.4.1.3.2]', async () => {
    await carnet('codes', 'import', 'codes.xml', '--data', 'data')
    const registry = await aRegistry({}, await openDomain(join(folder, 'data', 'domain'), systemPorts.files))
    const scheme = 'Connect-a-thon classCodes'
    const sent = (code: string, codingScheme: string) =>
      registry.register(aSubmission({ documentEntry: { classCode: aCode(code, 'Whatever', codingScheme) } }))
    expect((await sent('Consent', scheme)).status).to.equal('Success')
    for (const refused of [await sent('Other', scheme), await sent('Consent', '2.999.1')]) {
      expect(codesOf(refused)).to.deep.equal(['XDSRegistryMetadataError'])
    }
    const [error] = (await sent('Other', scheme)).errors
    expect(error?.codeContext).to.contain(
      'classCode: expected Consent that domain own has for DocumentEntry.classCode (carnet codes list), found "Other" of "Connect-a-thon classCodes"',
    )
    await registry.close()
  })

  it('replaces what it has imported before, and says so', async () => {
    await carnet('codes', 'import', 'types.json', '--data', 'data')
    put('newer.json', valueSet(['A', 'B', 'C']))
    const { printed } = await carnet('codes', 'import', 'newer.json', '--into', 'data/domain')
    expect(printed).to.match(/^DocumentEntry\.typeCode: 3 codes of "DocumentEntry.typeCode", instead of 2 /m)
    const set = JSON.parse(readFileSync(join(folder, 'data', 'domain', 'codes', 'typeCode.json'), 'utf8'))
    expect([set.version, set.codes.length]).to.deep.equal(['7', 3])
  })

  it('takes a list for the attribute that is named', async () => {
    const { printed } = await carnet('codes', 'import', 'types.json', '--attribute', 'Folder.codeList', '--into', 'own')
    expect(printed).to.match(/^Folder\.codeList: 2 codes of /m)
    const only = await carnet('codes', 'import', 'codes.xml', '--attribute', 'DocumentEntry.classCode', '--into', 'own')
    expect(only.code).to.equal(0)
  })

  it('changes nothing when the folder could not be used afterwards', async () => {
    const { code, complained } = await carnet(
      'codes',
      'import',
      'types.json',
      '--attribute',
      'DocumentEntry.klass',
      '--into',
      'own',
    )
    expect(complained).to.match(/Nothing was imported\. .*\n.*attribute "DocumentEntry\.klass" is no attribute/)
    expect(code).to.equal(1)
    expect(await systemPorts.files.list(join(folder, 'own', 'codes'))).to.deep.equal([])
    expect(await systemPorts.files.stat(join(folder, 'own', 'domain.json'))).to.equal(undefined)
  })

  it('says what it cannot read, and what it cannot place', async () => {
    put('x.csv', 'code;display')
    expect((await carnet('codes', 'import', 'x.csv')).complained).to.match(/x\.csv is neither XML nor JSON/)
    put('x.json', JSON.stringify({ resourceType: 'ValueSet', id: 'other', compose: { include: [] } }))
    const unplaced = await carnet('codes', 'import', 'x.json')
    expect([unplaced.code, unplaced.complained]).to.deep.equal([
      2,
      'note: x.json: other is left out; nothing says which attribute it is for (--attribute)\n' +
        'carnet: no list in these files says which attribute it is for; say it by --attribute, as DocumentEntry.classCode.',
    ])
    expect((await carnet('codes', 'import', 'types.json', '--system', 'x')).complained).to.match(
      /--system is URL=OID, not "x"/,
    )
  })

  it('lists attributes with codes, and the codes of one by name', async () => {
    const { printed } = await carnet('codes', 'list', '--domain', 'ch-epr')
    expect(printed).to.match(/^DocumentEntry\.classCode {2,}17 {2,}error {2,}\S+ {2,}CH-EPR annex 3$/m)
    const french = await carnet('codes', 'list', 'confidentialityCode', '--domain', 'ch-epr', '--language', 'fr')
    expect(french.printed).to.match(/^normal {2,}17621005 {2,}2\.16\.840\.1\.113883\.6\.96$/im)
    const open = await carnet('codes', 'list', '--data', 'data')
    expect(open.printed).to.match(/domain ihe takes any code; next: npx carnet codes import FILE/)
    const unknown = await carnet('codes', 'list', 'klass', '--domain', 'ihe')
    expect([unknown.code, unknown.complained]).to.deep.equal([
      2,
      'carnet: domain ihe has no codes for "klass"; it has some for: none.',
    ])
  })
})
