import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { run } from '../../cli/main.js'
import { prepare } from '../../cli/services/prepare.js'
import { systemPorts } from '../../ports/ports.js'
import { giveCertificates } from './certificates-once.js'
import { playedTerminal } from './played-terminal.js'

const patient = 'P1^^^&2.999.1&ISO'

describe('cli/main', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'carnet-cli-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  async function carnet(...args: string[]) {
    const terminal = playedTerminal(folder)
    await run(args, { ports: systemPorts, terminal })
    return { code: terminal.exitCode, printed: terminal.printed.join('\n'), complained: terminal.complained.join('\n') }
  }

  it('shows its help, exit codes included', async () => {
    for (const args of [['--help'], []]) {
      const { code, printed } = await carnet(...args)
      expect(code).to.equal(0)
      for (const name of [
        'start',
        'registry',
        'repository',
        'atna-audit',
        'submit',
        'query',
        'retrieve',
        'patient',
        'audit',
        'validate',
        'config',
        'doctor',
      ]) {
        expect(printed).to.match(new RegExp(`^  ${name}\\b`, 'm'))
      }
      expect(printed).to.match(/3 {2}a service cannot be reached/)
    }
  })

  const misuses: [args: string[], words: RegExp][] = [
    [['sumbit'], /unknown command 'sumbit'\n\(Did you mean submit\?\)/],
    [['start', '9000'], /"9000" is not understood; .* npm start -- --port-base 9000/],
    [['start', '--port-base', 'many'], /'many' is invalid. It must be a whole number/],
    [['registry'], /required option '--config <file>' not specified/],
    [['query'], /required option '--patient <CX>'/],
    [['query', '--patient', 'P1'], /"P1" is no patient id in HL7 CX form; write it as 'ID\^\^\^&OID&ISO'/],
    [['query', '--patient', patient, '--status', 'old'], /--status is approved, deprecated or all, not "old"/],
    [['submit', 'a', 'b', '--patient', patient, '--replace', '2.25.1'], /--replace and --title are for one document/],
    [['submit', 'a', '--patient', patient, '--source-id', 'x'], /--source-id must be an OID/],
    [['audit', 'tail', '--limit', '0'], /--limit must be a whole number from 1 to 1000/],
    [['validate', 'absent.xml'], /absent\.xml does not exist/],
  ]
  for (const [args, words] of misuses) {
    it(`refuses: carnet ${args.join(' ')}`, async () => {
      const { code, complained } = await carnet(...args)
      expect(complained).to.match(words)
      expect(code).to.equal(2)
    })
  }

  it('says how a first config is made where there is none', async () => {
    const { code, complained } = await carnet('query', '--patient', patient, '--data', 'nowhere')
    expect(complained).to.match(
      /nowhere\/carnet\.json cannot be used:\n {2}there is no such file; "carnet start" writes/,
    )
    expect(code).to.equal(4)
  })

  describe('with a data folder and no service running', function () {
    this.timeout(60_000)

    let data: string
    before(async () => {
      data = join(folder, 'data')
      await giveCertificates(data)
      await prepare(data, { ports: systemPorts, terminal: playedTerminal() })
      writeFileSync(join(data, 'running.json'), JSON.stringify({ pid: 1, flags: { portBase: 1 } }))
      writeFileSync(join(folder, 'note.txt'), 'a note')
      mkdirSync(join(folder, 'empty'))
      writeFileSync(join(folder, 'nothing.txt'), '')
    })

    it('makes nothing twice', async () => {
      expect((await prepare(data, { ports: systemPorts, terminal: playedTerminal() })).made).to.deep.equal([])
    })

    it('says that a service cannot be reached, and what to do', async () => {
      for (const args of [
        ['query', '--patient', patient],
        ['patient', 'add', patient],
        ['audit', 'tail'],
        ['submit', 'note.txt', '--patient', patient],
      ]) {
        const { code, complained } = await carnet(...args, '--data', 'data')
        expect(complained, args.join(' ')).to.match(/npm start/)
        expect(code, args.join(' ')).to.equal(3)
      }
    })

    it('names a file that cannot be submitted', async () => {
      const submit = (name: string) => carnet('submit', name, '--patient', patient, '--data', 'data')
      expect((await submit('absent.pdf')).complained).to.match(/absent\.pdf does not exist; check the name/)
      expect((await submit('empty')).complained).to.match(/is a folder; name the files in it/)
      expect((await submit('nothing.txt')).complained).to.match(/nothing\.txt is empty/)
    })

    it('shows what it would send with --dry-run, and validate finds nothing wrong with it', async () => {
      const { code, printed } = await carnet('submit', 'note.txt', '--patient', patient, '--dry-run', '--data', 'data')
      expect(code).to.equal(0)
      expect(printed).to.include('SubmitObjectsRequest').and.include('text/plain')
      writeFileSync(join(folder, 'request.xml'), printed)
      const validated = await carnet('validate', 'request.xml')
      expect(validated.printed).to.match(/^1 SubmissionSet, 1 DocumentEntry, 0 Folder, 1 Association: nothing/)
      expect(validated.code).to.equal(0)
      writeFileSync(
        join(folder, 'broken.xml'),
        printed.replace(/mimeType="[^"]*"/, '').replace('creationTime', 'creation'),
      )
      const broken = await carnet('validate', 'broken.xml')
      expect(broken.printed)
        .to.match(/mimeType/)
        .and.match(/creationTime: expected a value, required on ITI-41/)
      expect(broken.code).to.equal(1)
      writeFileSync(join(folder, 'orphan.xml'), printed.replace(/<rim:Association .*<\/rim:Association>/, ''))
      const orphan = await carnet('validate', 'orphan.xml')
      expect(orphan.printed).to.match(/^Error {2}XDSRegistryMetadataError: SubmissionSet urn:uuid:\S+, .*expected/m)
      expect(orphan.code).to.equal(1)
    })

    it('validates by the rules of the domain that is named [CH-EPR annex 3]', async () => {
      const { printed } = await carnet('submit', 'note.txt', '--patient', patient, '--dry-run', '--data', 'data')
      writeFileSync(join(folder, 'ihe.xml'), printed)
      expect((await carnet('validate', 'ihe.xml', '--domain', 'ihe')).code).to.equal(0)
      for (const flag of ['--domain', '--profile']) {
        const swiss = await carnet('validate', 'ihe.xml', flag, 'ch-epr')
        expect(swiss.printed)
          .to.match(/classCode: expected one of the 17 codes that domain ch-epr has/)
          .and.match(/originalProviderRole": expected a value, required on ITI-41 in domain ch-epr/)
        expect(swiss.code).to.equal(1)
      }
      const nowhere = await carnet('validate', 'ihe.xml', '--domain', './nowhere')
      expect(nowhere.complained).to.match(/nowhere\/domain\.json: there is no such file/)
      expect(nowhere.code).to.equal(4)
    })

    it('fills in what the profile asks for, and takes codes by themselves [CH-EPR annex 3]', async () => {
      const path = join(data, 'carnet.json')
      const written = readFileSync(path, 'utf8')
      writeFileSync(path, written.replace('"profile": "ihe"', '"profile": "ch-epr"'))
      try {
        const submitted = (...flags: string[]) =>
          carnet('submit', 'note.txt', '--patient', patient, '--dry-run', '--data', 'data', ...flags)
        const plain = await submitted()
        expect(plain.code).to.equal(0)
        expect(plain.printed).to.include('urn:e-health-suisse:2020:originalProviderRole').and.include('HCP^^^')
        writeFileSync(join(folder, 'swiss.xml'), plain.printed)
        expect((await carnet('validate', 'swiss.xml', '--domain', 'ch-epr')).code).to.equal(0)
        const chosen = await submitted('--type', '41000179103', '--role', 'PAT', '--confidentiality', '1141000195107')
        expect(chosen.code).to.equal(0)
        // The class follows from the type.
        for (const text of ['nodeRepresentation="184216000"', 'PAT^^^', 'nodeRepresentation="1141000195107"']) {
          expect(chosen.printed).to.include(text)
        }
        expect((await submitted('--type', 'nonsense')).complained).to.match(
          /--type is code\^display\^scheme, .* or a code/,
        )
        expect((await submitted('--role', 'XXX')).code).to.equal(1)
      } finally {
        writeFileSync(path, written)
      }
    })

    it('says before a start what of a domain cannot be used', async () => {
      mkdirSync(join(folder, 'broken'), { recursive: true })
      writeFileSync(join(folder, 'broken', 'domain.json'), '{ "name": "broken", "rules": { "x": "error" } }')
      const path = join(data, 'carnet.json')
      const written = readFileSync(path, 'utf8')
      writeFileSync(path, written.replace('"profile": "ihe"', '"profile": "../broken"'))
      try {
        const { code, complained } = await carnet('config', 'check', '--data', 'data')
        expect(complained).to.match(/broken\/domain\.json: rules\.x has no attribute and is none of the rules/)
        expect(code).to.equal(4)
      } finally {
        writeFileSync(path, written)
      }
    })

    it('leaves out, offline, what only a registry can know', async () => {
      const { printed } = await carnet('submit', 'note.txt', '--patient', patient, '--dry-run', '--data', 'data')
      const relation =
        '<rim:Association id="a2" associationType="urn:ihe:iti:2007:AssociationType:RPLC" ' +
        `sourceObject="${/ExtrinsicObject[^>]* id="([^"]+)"/.exec(printed)![1]}" targetObject="TARGET"/>`
      const withTarget = (target: string) =>
        writeFileSync(
          join(folder, 'related.xml'),
          printed.replace('</rim:RegistryObjectList>', `${relation.replace('TARGET', target)}$&`),
        )
      withTarget('urn:uuid:6a1ef1b4-7c4f-4bb5-9b21-2d1d8a1c7c11')
      expect((await carnet('validate', 'related.xml')).code).to.equal(0)
      withTarget('symbol')
      expect((await carnet('validate', 'related.xml')).printed).to.match(/UnresolvedReferenceException/)
    })

    it('shows and checks the config', async () => {
      expect((await carnet('config', 'check', '--data', 'data')).printed).to.match(
        /can be used: mode development, profile ihe, 6 peers/,
      )
      const { printed } = await carnet('config', 'show', '--data', 'data')
      expect(printed).to.include('registry.listen.port = 2').and.include('flags of the run that is under way')
      const json = JSON.parse((await carnet('config', 'show', '--json', '--data', 'data')).printed)
      expect(json.registry.limits.attachments).to.equal(1000)
    })

    it('examines certificates, ports, clock and disk, and fails where nothing runs', async () => {
      const { code, printed, complained } = await carnet('doctor', '--data', 'data')
      expect(printed).to.match(/^ok {7}certificate of the registry: CN=registry,.* valid for 82[45] more days/m)
      expect(printed).to.match(/^warning {2}port 2 \(registry\.listen\.port\): free; the registry does not run/m)
      expect(printed).to.match(
        /^failed {3}registry: https:\/\/localhost:2\/registry cannot be reached: nothing listens there/m,
      )
      expect(printed).to.match(/^ok {7}clock: /m)
      expect(printed).to.match(/disk: \d+ MiB are free/)
      expect(complained).to.match(/2 check\(s\) failed/)
      expect(code).to.equal(1)
    })

    it('refuses a certificate of another CA before it calls', async () => {
      const other = join(folder, 'other')
      await giveCertificates(other, 'there')
      await prepare(other, { ports: systemPorts, terminal: playedTerminal() })
      const certs = join(other, 'certs')
      const { code, complained } = await carnet(
        'query',
        '--patient',
        patient,
        '--data',
        'data',
        '--cert',
        join(certs, 'client.pem'),
        '--key',
        join(certs, 'client.key'),
      )
      expect(complained).to.match(/cannot be used: the certificate of CN=hospital.* which the CA file does not hold/)
      expect(code).to.equal(4)
      const half = await carnet('query', '--patient', patient, '--data', 'data', '--cert', join(certs, 'client.pem'))
      expect(half.complained).to.match(/give --cert and --key together/)
    })
  })
})
