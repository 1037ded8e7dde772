// The whole road, as a newcomer walks it: start, submit, query, retrieve, replace, audit, end.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { feedLines } from '../../../cli/services/start.js'
import { packageRoot } from '../../../ports/processes.js'
import {
  asking,
  carnet,
  freePortBase,
  isAlive,
  type Started,
  servicesOf,
  spawnedCarnet,
  startedReady,
} from '../started.js'

const patient = 'DEMO-1^^^&2.999.1&ISO'
const cda = join(packageRoot, 'scripts', 'tour', 'discharge-summary.xml')
const cdaId = '2.999.1.20^DS-2026-0417'

describe('what carnet start says of the feed', () => {
  const lineFor = (host: string | undefined, publicName = 'localhost') => {
    const tls = host === undefined ? undefined : { host, port: 12_575 }
    return feedLines({ registry: { mllp: { port: undefined, tls }, listen: { publicName } } } as never)
  }

  it('is where senders reach it', () => {
    const rows: [string, string, string][] = [
      ['127.0.0.1', 'localhost', 'localhost:12575'],
      ['127.0.0.1', 'registry.example.org', '127.0.0.1:12575 (this machine only)'],
      ['0.0.0.0', 'registry.example.org', 'registry.example.org:12575'],
      ['::', 'registry.example.org', 'registry.example.org:12575'],
      ['10.1.2.3', 'localhost', '10.1.2.3:12575'],
    ]
    for (const [host, publicName, said] of rows) {
      expect(lineFor(host, publicName)).to.deep.equal([`patients    MLLP over TLS ${said}`])
    }
    expect(lineFor(undefined)).to.deep.equal([])
  })
})

describe('carnet start', function () {
  this.timeout(120_000)

  let folder: string
  let data: string
  let base: number
  let running: Started

  const ask = (...args: string[]) => asking(...args, '--data', data)
  const from = () => startedReady(data, base)

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'carnet-start-'))
    data = join(folder, 'data')
    base = await freePortBase()
    running = await from()
  })

  after(async () => {
    running?.child.kill('SIGKILL')
    await running?.ended
    rmSync(folder, { recursive: true, force: true })
  })

  it('merges patients and takes that back for an administrator, audited [ITI TF-2:3.44.4.2.4]', async () => {
    const [old, stays] = ['SUB-1^^^&2.999.1&ISO', 'SUR-1^^^&2.999.1&ISO']
    await ask('patient', 'add', old)
    expect(await ask('patient', 'merge', old, stays)).to.contain(`${old} was merged into ${stays}`)
    expect(await ask('patient', 'list', '--after', 'SU', '--limit', '2')).to.equal(
      `${old}  merged, now ${stays}\n${stays}\n`,
    )
    expect(await ask('patient', 'show', old)).to.match(/merged into SUR-1.*queries find it as SUR-1/)
    expect(await ask('patient', 'unmerge', old)).to.contain(`${old} is a patient of its own again`)
    expect(JSON.parse(await ask('patient', 'show', old, '--json'))).to.deep.include({ patientId: old, subsumed: [] })
    const again = await carnet('patient', 'unmerge', old, '--data', data)
    expect([again.code, String(again.stderr)]).to.deep.equal([
      1,
      `carnet: The registry refused: ${old} was not merged, or that has been undone before.\n`,
    ])
  })

  it('prints where everything is, and last of all that it is ready', () => {
    const printed = running.printed()
    expect(printed).to.match(
      new RegExp(
        `registry +https://localhost:${base + 1}/registry +WSDL https://localhost:${base + 1}/registry\\?wsdl`,
      ),
    )
    expect(printed).to.match(new RegExp(`repository +https://localhost:${base + 2}/repository +WSDL`))
    expect(printed).to.include(`--port-base ${base} overrides the ports of carnet.json`)
    expect(printed).to.include(
      `npx carnet submit scripts/tour/discharge-summary.xml --patient '${patient}' --data ${data}`,
    )
    expect(printed).to.include(join(data, 'certs'))
    expect(printed.trimEnd().split('\n').at(-1)).to.equal('ready')
  })

  it('leaves the ports in the file as they are by default', () => {
    expect(JSON.parse(String(readFileSync(join(data, 'carnet.json')))).registry.listen.port).to.equal(8441)
  })

  it('takes a document, finds it, and gives it back byte by byte', async () => {
    // As a shell does it; the other tests save themselves the process.
    const { stdout: told } = await spawnedCarnet('submit', cda, '--patient', patient, '--data', data)
    const submitted = String(told)
    expect(submitted).to.include(`uniqueId   ${cdaId}\n`)
    const [entry] = JSON.parse(await ask('query', '--patient', patient, '--json'))
    expect(entry).to.include({ uniqueId: cdaId, mimeType: 'text/xml', availabilityStatus: 'Approved' })
    expect(await ask('query', '--patient', patient)).to.match(
      /Discharge summary, internal medicine .* Approved +2\.999\.1\.20/,
    )
    const target = join(folder, 'retrieved.xml')
    await ask('retrieve', cdaId, '-o', target)
    expect(readFileSync(target).equals(readFileSync(cda))).to.equal(true)
    const { stdout } = await spawnedCarnet('retrieve', cdaId, '-o', '-', '--data', data)
    expect(stdout.equals(readFileSync(cda))).to.equal(true)
  })

  it('sends a large file as a stream, several files at once', async () => {
    const large = join(folder, 'large.bin')
    const bytes = Buffer.alloc(40 * 1024 * 1024, 'carnet!')
    writeFileSync(large, bytes)
    const small = join(folder, 'note.txt')
    writeFileSync(small, 'a note')
    const submitted = await ask('submit', large, small, '--patient', patient)
    const [largeId] = [...submitted.matchAll(/^uniqueId +(\S+)$/gm)].map(([, id]) => id!)
    const target = join(folder, 'large.back')
    await ask('retrieve', largeId!, '-o', target)
    expect(readFileSync(target).equals(bytes)).to.equal(true)
  })

  it('replaces a document, and the audit shows each side of it by its trace', async () => {
    const corrected = join(folder, 'corrected.xml')
    writeFileSync(corrected, String(readFileSync(cda)).replace('DS-2026-0417"/>', 'DS-2026-0417-2"/>'))
    const submitted = await ask('submit', corrected, '--patient', patient, '--replace', cdaId)
    const deprecated = JSON.parse(await ask('query', '--patient', patient, '--status', 'deprecated', '--json'))
    expect(deprecated.map(({ uniqueId }: { uniqueId: string }) => uniqueId)).to.deep.equal([cdaId])
    const trace = /^trace +(\S+)$/m.exec(submitted)![1]!
    const lines = await auditLines(trace, 4)
    expect(lines.filter(line => line.includes('ITI-41'))).to.have.length(2)
    expect(lines.filter(line => line.includes('ITI-42'))).to.have.length(2)
    for (const line of lines) expect(line).to.include(' ok ').and.include(`patient ${patient}`)
  })

  // Records reach the audit service shortly after the answer.
  async function auditLines(trace: string, count: number): Promise<string[]> {
    for (let attempt = 0; ; attempt++) {
      const lines = (await ask('audit', 'tail', '--trace', trace)).trim().split('\n')
      if (lines.length >= count || attempt === 60) return lines
      await new Promise(resolve => setTimeout(resolve, 200))
    }
  }

  it('has a summary made on demand, keeps it, and gives the same again [ITI TF-2:3.43.4.2.3]', async () => {
    const registered = await ask('on-demand', 'register', '--patient', patient)
    const uniqueId = /^uniqueId +(\S+\^summary)$/m.exec(registered)![1]!
    expect(await ask('query', '--patient', patient)).to.not.include(uniqueId)
    expect(await ask('query', '--patient', patient, '--on-demand')).to.match(/Patient summary .* on demand .*\^summary/)
    const target = join(folder, 'summary.xml')
    const printed = await ask('retrieve', uniqueId, '-o', target)
    const kept = /made on demand and kept as (2\.25\.\d+)$/m.exec(printed)![1]!
    const summary = String(readFileSync(target))
    expect(summary).to.include('<ClinicalDocument').and.include('Discharge summary, internal medicine')
    const again = join(folder, 'summary-again.xml')
    await ask('retrieve', kept, '-o', again)
    expect(String(readFileSync(again))).to.equal(summary)
    await ask('retrieve', uniqueId, '-o', again)
    expect(String(readFileSync(again))).to.equal(summary)
  })

  it('refuses an unknown patient until it is announced', async () => {
    const unknown = 'NEW-1^^^&2.999.1&ISO'
    const refused = await carnet('submit', cda, '--patient', unknown, '--data', data)
    expect(refused.code).to.equal(1)
    expect(refused.stderr)
      .to.match(/XDSUnknownPatientId/)
      .and.match(new RegExp(`carnet explain [0-9a-f]{32} --data ${data}`))
    expect(await ask('patient', 'add', unknown)).to.include('is known to the registry')
    const note = join(folder, 'new.txt')
    writeFileSync(note, 'for the new patient')
    await ask('submit', note, '--patient', unknown)
  })

  it('says that a document is unknown', async () => {
    const { code, stderr } = await carnet('retrieve', '2.25.404', '-o', join(folder, 'x'), '--data', data)
    expect(code).to.equal(1)
    expect(stderr).to.include('knows no document with the uniqueId 2.25.404')
  })

  it('is found healthy by the doctor', async () => {
    const examined = await ask('doctor')
    // Whether the machine sets its clock by a time service is not ours to say.
    expect(examined).not.to.match(/^(?:failed|warning(?! +time service))/m)
    expect(examined).to.match(/^ok +port \d+ \(registry\.listen\.port\): CN=registry/m)
    expect(examined).to.match(/^ok +port \d+ \(registry\.health\.port\): the registry says it is ready/m)
  })

  it('is not started twice on one data folder', async () => {
    const { code, stderr } = await spawnedCarnet('start', '--data', data, '--port-base', String(base + 100))
    expect(code).to.equal(2)
    expect(stderr).to.match(/Carnet already runs from .*; end that one first, or choose another folder with --data/)
    expect(await ask('query', '--patient', patient)).to.include(cdaId)
  })

  it('lets no second repository into its documents, though that has a database of its own', async () => {
    const config = JSON.parse(readFileSync(join(data, 'carnet.json'), 'utf8'))
    config.repository.database = 'other/repository.sqlite'
    const file = join(data, 'other.json')
    writeFileSync(file, JSON.stringify(config))
    const elsewhere = String(await freePortBase())
    const { code, stderr } = await spawnedCarnet('repository', '--config', file, '--port-base', elsewhere)
    expect([code, stderr.trim().split('\n')]).to.deep.equal([
      4,
      [
        `carnet: Another repository service is at work on ${join(data, 'documents', 'documents')}; end that one first, or give this one a "documents" of its own.`,
      ],
    ])
  })

  it('says in one sentence that the data folder cannot be made', async () => {
    const { code, stderr } = await spawnedCarnet('start', '--data', '/proc/carnet')
    expect([code, stderr.trim()]).to.deep.equal([
      4,
      'carnet: The data folder /proc/carnet cannot be made (ENOENT); choose another with --data, or change its permissions.',
    ])
  })

  it('starts a service again that is killed', async () => {
    const killed = servicesOf(running.child).get('registry')!
    process.kill(killed, 'SIGKILL')
    await running.says(/registry runs again/)
    expect(running.complained()).to.match(/registry ended \(SIGKILL\); it is started again/)
    expect(servicesOf(running.child).get('registry')).not.to.equal(killed)
    expect(await ask('query', '--patient', patient)).to.include(cdaId)
  })

  it('ends at SIGTERM, without orphans', async () => {
    const services = [...servicesOf(running.child).values()]
    expect(services).to.have.length(5)
    running.child.kill('SIGTERM')
    // Within five seconds: test/cli/supervisor.test.ts counts them, on a clock that does not depend on the machine.
    expect(await running.ended).to.equal(0)
    expect(services.filter(isAlive)).to.deep.equal([])
  })
})
