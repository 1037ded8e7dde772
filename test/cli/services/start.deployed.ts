// What takes several starts of a whole deployment: its ends, what keeps it from starting, and a profile of its own.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../../ports/processes.js'
import { giveCertificates } from '../certificates-once.js'
import {
  asking,
  carnet,
  freePortBase,
  isAlive,
  type Started,
  servicesOf,
  spawnedCarnet,
  start,
  startedReady,
} from '../started.js'

const patient = 'DEMO-1^^^&2.999.1&ISO'
const cda = join(packageRoot, 'scripts', 'tour', 'discharge-summary.xml')
const cdaId = '2.999.1.20^DS-2026-0417'

describe('carnet start, again and again', function () {
  this.timeout(300_000)

  let folder: string
  let data: string
  let base: number
  let running: Started

  const ask = (...args: string[]) => asking(...args, '--data', data)
  const from = () => startedReady(data, base)

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'carnet-start-'))
    data = join(folder, 'data')
    await giveCertificates(data)
    base = await freePortBase()
    running = await from()
  })

  after(async () => {
    running?.child.kill('SIGKILL')
    await running?.ended
    rmSync(folder, { recursive: true, force: true })
  })

  it('knows everything when it is started again', async () => {
    await ask('submit', cda, '--patient', patient)
    running.child.kill('SIGTERM')
    expect(await running.ended).to.equal(0)
    running = await from()
    expect(running.printed()).not.to.include('made in')
    const target = join(folder, 'again.xml')
    await ask('retrieve', cdaId, '-o', target)
    expect(readFileSync(target).equals(readFileSync(cda))).to.equal(true)
  })

  it('cuts nobody off when all are told at once and the audit service is gone, and keeps what waits for it', async () => {
    const services = servicesOf(running.child)
    process.kill(services.get('atna-audit')!, 'SIGSTOP')
    await ask('query', '--patient', patient)
    // As a terminal or `timeout` tells them: the whole group.
    for (const pid of [running.child.pid!, ...services.values()]) process.kill(pid, 'SIGTERM')
    process.kill(services.get('atna-audit')!, 'SIGKILL')
    expect(await running.ended).to.equal(0)
    expect(running.complained()).to.not.include('cut off')
    running = await from()
    const { stdout } = await carnet('audit', 'tail', '--data', data)
    expect(String(stdout)).to.include('ITI-18')
  })

  it('leaves no orphan when it is killed itself', async () => {
    const services = [...servicesOf(running.child).values()]
    running.child.kill('SIGKILL')
    await running.ended
    for (let waited = 0; waited < 30_000 && services.some(isAlive); waited += 100) {
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    expect(services.filter(isAlive)).to.deep.equal([])
  })

  it('says which port is in use and what to change, and ends', async () => {
    const other = createServer()
    await new Promise<void>(done => other.listen(base + 2, '127.0.0.1', done))
    try {
      const { code, stderr, stdout } = await spawnedCarnet('start', '--data', data, '--port-base', String(base))
      expect(code).to.equal(4)
      // Where the machine is slow, one that has just begun may have to be cut off.
      const lines = stderr.trim().split('\n')
      expect(lines.filter(line => !line.includes('did not end in time'))).to.have.length(1)
      expect(stderr)
        .to.match(new RegExp(`[Pp]ort ${base + 2} on 127\\.0\\.0\\.1 is in use by another program`))
        .and.include('--port-base')
      expect(String(stdout)).not.to.include('ready')
    } finally {
      other.close()
    }
  })

  it('says which certificate is wrong', async () => {
    const certs = join(data, 'certs')
    const key = readFileSync(join(certs, 'registry.key'))
    writeFileSync(join(certs, 'registry.key'), readFileSync(join(certs, 'audit.key')))
    try {
      const { code, stderr } = await spawnedCarnet('start', '--data', data, '--port-base', String(base))
      expect(code).to.equal(4)
      expect(stderr).to.match(/registry\.pem cannot be used: the key does not belong to the certificate of CN=registry/)
    } finally {
      writeFileSync(join(certs, 'registry.key'), key)
    }
  })

  it('runs each service alone from the config file', async () => {
    const alone = await carnetAlone('registry')
    expect(alone).to.match(/registry is ready/)
  })

  async function carnetAlone(name: string): Promise<string> {
    const script = join(packageRoot, 'scripts', 'carnet.js')
    const child = spawn(process.execPath, [
      script,
      name,
      '--config',
      join(data, 'carnet.json'),
      '--port-base',
      String(base),
    ])
    let said = ''
    child.stderr.on('data', piece => {
      said += piece
      if (said.includes('is ready')) child.kill('SIGTERM')
    })
    const code = await new Promise(resolve => child.once('close', resolve))
    expect(code, said).to.equal(0)
    return said
  }
})

describe('carnet start --profile', function () {
  this.timeout(300_000)
  const folder = mkdtempSync(join(tmpdir(), 'carnet-profile-'))
  const data = join(folder, 'data')
  before(() => giveCertificates(data))
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('ch-epr: the demo patient has a national number, and submit says what the profile asks for [CH-EPR annex 3]', async () => {
    const base = await freePortBase()
    const running = start('--data', data, '--port-base', String(base), '--profile', 'ch-epr')
    try {
      await running.says(/^ready$/m)
      expect(running.printed()).to.match(/profile ch-epr \(Swiss .* not complete without access decisions\)/)
      const submitted = await carnet('submit', cda, '--patient', patient, '--data', data)
      expect([submitted.code, submitted.stderr]).to.deep.equal([0, ''])
      const { stdout } = await carnet('query', '--patient', patient, '--json', '--data', data)
      const [entry] = JSON.parse(String(stdout))
      expect([entry.classCode.code, entry.typeCode.code]).to.deep.equal(['422735006', '373942005'])
      expect(JSON.stringify(entry)).to.include('urn:e-health-suisse:2020:originalProviderRole')
    } finally {
      running.child.kill('SIGTERM')
      await running.ended
    }
  })

  it('refuses a broken folder before anything starts, with a sentence for each fault', async () => {
    const broken = join(folder, 'broken')
    mkdirSync(broken)
    writeFileSync(
      join(broken, 'domain.json'),
      '{ "name": "own", "rules": { "a": "error", "b": { "attribute": "X" } } }',
    )
    const refused = start('--data', data, '--port-base', String(await freePortBase()), '--profile', broken)
    expect(await refused.ended).to.equal(4)
    expect(refused.complained()).to.match(/domain\.json: rules\.b\.attribute must be as DocumentEntry\.classCode/)
    writeFileSync(join(broken, 'domain.json'), '{ "name": "own", "rules": { "a": "error" } }')
    const again = start('--data', data, '--port-base', String(await freePortBase()), '--profile', broken)
    expect(await again.ended).to.equal(4)
    expect(again.complained()).to.match(/domain\.json: rules\.a has no attribute and is none of the rules/)
  })
})
