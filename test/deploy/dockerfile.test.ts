// The image, as far as it can be known without an engine: what goes in, how it is written, and its command run on exactly these files.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { getText } from '../../cli/get-text.js'
import { defaultPortBase, portsAbove } from '../../config/defaults.js'
import { systemPorts } from '../../ports/ports.js'
import { packageRoot, thriftyCollector } from '../../ports/processes.js'
import { isAlive } from '../cli/started.js'
import { roomsBelow } from '../house/plan.js'
import { aPreparedFolder } from './a-prepared-folder.js'
import { commandOf, instructionsOf, letThrough, stagesOf } from './dockerfile.js'
import { judgedBy } from './judges.js'

const instructions = instructionsOf('Dockerfile')
const stages = stagesOf(instructions)
const last = stages.at(-1)!
const sent = letThrough()
const services = ['atna-audit', 'registry', 'repository'] as const

describe('the Dockerfile', () => {
  it('copies nothing that .dockerignore keeps back, and nothing that is not there', () => {
    const copied = instructions.filter(({ name }) => name === 'COPY').flatMap(sourcesOf)
    const made = ['node_modules', 'dist']
    const missing = copied.filter(
      path => path !== '.' && !made.includes(path) && !sent.some(file => file === path || file.startsWith(`${path}/`)),
    )
    expect(copied.length).to.be.above(5)
    expect(missing).to.deep.equal([])
  })

  it('is sent every room of the plan', () => {
    const rooms = Object.keys(roomsBelow).filter(room => existsSync(join(packageRoot, room)))
    expect(rooms.filter(room => !sent.some(file => file.startsWith(`${room}/`)))).to.deep.equal([])
  })

  it('is sent no key, no data, no test and no database', () => {
    const wrong = /\.(?:key|pem|p12|sqlite.*|log)$|^(?:test|bench|var|docs|deploy)\/|carnet\.json$/
    expect(sent.filter(path => wrong.test(path))).to.deep.equal([])
  })

  it('names the version of its base, runs as a number that is not root, and takes its command as a list', () => {
    for (const [from] of stages) expect(from?.words[0]).to.match(/^node:\d+-slim$/)
    expect(last.findLast(({ name }) => name === 'USER')?.text).to.match(/^[1-9]\d*:[1-9]\d*$/)
    for (const name of ['ENTRYPOINT', 'CMD', 'HEALTHCHECK'] as const) expect(commandOf(last, name)).not.to.equal([])
    for (const { text } of instructions.filter(({ name }) => name === 'WORKDIR')) expect(text).to.match(/^\//)
  })

  it('fetches nothing but packages that the lock file names, and runs none of their scripts', () => {
    expect(instructions.filter(({ name }) => name === 'ADD' || name === 'ARG')).to.deep.equal([])
    const commands = instructions.filter(({ name }) => name === 'RUN').map(({ text }) => text)
    for (const command of commands) expect(command).not.to.match(/curl|wget|apt|npm (?:i|install)\b|npx/)
    for (const install of commands.filter(text => text.includes('npm'))) expect(install).to.contain('--ignore-scripts')
  })

  it('installs what services need and no more: the last npm ci leaves development out', () => {
    const installs = instructions.filter(({ text }) => text.includes('npm ci'))
    expect(installs.at(-1)?.text).to.match(/npm ci --omit=dev\b/)
  })

  it('gives the flags for V8 that the supervisor gives', () => {
    expect(commandOf(last, 'ENTRYPOINT')).to.include.members([...thriftyCollector])
  })

  it('has hadolint find no fault', function () {
    judgedBy('hadolint', [join(packageRoot, 'Dockerfile')], this)
  })

  it('names the port of every service', () => {
    const { registry, repository, atnaAudit, gateway, patientIndex, pages } = portsAbove(defaultPortBase)
    const exposed = instructions.filter(({ name }) => name === 'EXPOSE').flatMap(({ words }) => words.map(Number))
    expect(exposed).to.include.members([
      registry,
      repository,
      atnaAudit,
      gateway,
      patientIndex,
      pages,
      6514,
      12_575,
      12_576,
    ])
  })

  describe('its command, on a copy of exactly these files', function () {
    this.timeout(120_000)
    let root: string

    before(async () => {
      root = await systemPorts.files.temporaryFolder('carnet-image-')
      layOut(join(root, 'opt', 'carnet'), join(root, 'src'))
    })
    after(() => systemPorts.files.removeFolder(root))

    it('says what there is', () => {
      const [node = '', ...args] = [...commandOf(last, 'ENTRYPOINT'), ...commandOf(last, 'CMD')].map(inRoot)
      expect(String(execFileSync(node, args))).to.contain('carnet start')
    })

    it('serves on all addresses under its public name, is found healthy, and writes nothing beside its data', async () => {
      const publicName = 'carnet.hospital.example'
      const prepared = await aPreparedFolder(config => {
        for (const section of ['registry', 'repository', 'atnaAudit']) {
          Object.assign(config[section]!.listen!, { host: '0.0.0.0', publicName })
          Object.assign(config[section]!.health!, { host: '0.0.0.0' })
          delete config[section]!.log
        }
      })
      const before = filesBelow(root)
      const running: { pid: number; ended: Promise<number | null> }[] = []
      try {
        for (const service of services) {
          const [node = '', ...args] = [...commandOf(last, 'ENTRYPOINT'), service, '--config', prepared.configFile].map(
            inRoot,
          )
          const child = spawn(node, args, { cwd: join(root, 'opt', 'carnet'), stdio: 'ignore' })
          const ended = new Promise<number | null>(resolve => child.once('close', resolve))
          running.unshift({ pid: child.pid!, ended })
          const wait = ['scripts/probe.js', service, prepared.configFile, '--wait', '60']
          execFileSync(process.execPath, wait, { cwd: join(root, 'opt', 'carnet'), stdio: 'pipe' })
          const check = commandOf(last, 'HEALTHCHECK').map(word => (word === '1' ? String(child.pid) : inRoot(word)))
          execFileSync(check[0]!, check.slice(1), { stdio: 'pipe' })
        }
        const [key, cert, ca] = ['client.key', 'client.pem', 'ca.pem'].map(name =>
          readFileSync(join(prepared.folder, 'certs', name)),
        )
        const url = `https://localhost:${prepared.portBase + 1}/registry?wsdl`
        const { text } = await getText(url, { key: key!, cert: cert!, ca: ca! }, systemPorts.network)
        expect(text).to.contain(`https://${publicName}:${prepared.portBase + 1}/registry`)
        for (const { pid, ended } of running) {
          process.kill(pid, 'SIGTERM')
          expect(await ended).to.equal(0)
        }
        expect(filesBelow(root)).to.deep.equal(before)
      } finally {
        for (const { pid } of running) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
        await prepared.remove()
      }
    })

    const inRoot = (word: string) =>
      word === 'node' ? process.execPath : word.replace(/^\/opt\/carnet/, join(root, 'opt', 'carnet'))
  })
})

/** What the COPY lines of the last stage bring, compiled as its first stage does it from what is sent. */
function layOut(to: string, source: string): void {
  mkdirSync(to, { recursive: true })
  for (const path of sent) put(path, source)
  symlinkSync(join(packageRoot, 'node_modules'), join(source, 'node_modules'))
  execFileSync(process.execPath, ['scripts/build.js'], { cwd: source, stdio: 'pipe' })
  renameSync(join(source, 'dist'), join(to, 'dist'))
  const copies = last.filter(({ name }) => name === 'COPY').flatMap(sourcesOf)
  for (const path of sent.filter(file => copies.some(copy => file === copy || file.startsWith(`${copy}/`))))
    put(path, to)
  if (process.env.CI === 'true') {
    cpSync(join(packageRoot, 'package-lock.json'), join(to, 'package-lock.json'))
    execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: to, stdio: 'pipe' })
  } else {
    // What npm ci --omit=dev would install, by the lock file, and from here: these tests need no network.
    const { packages } = JSON.parse(readFileSync(join(packageRoot, 'package-lock.json'), 'utf8'))
    for (const [path, { dev, optional }] of Object.entries<{ dev?: boolean; optional?: boolean }>(packages))
      if (path !== '' && dev !== true && !(optional === true && !existsSync(join(packageRoot, path)))) put(path, to)
  }
}

function put(path: string, to: string): void {
  mkdirSync(dirname(join(to, path)), { recursive: true })
  cpSync(join(packageRoot, path), join(to, path), { recursive: true })
}

function sourcesOf({ words }: { words: string[] }): string[] {
  return words.slice(0, -1).map(word => word.replace(/^\/src\//, ''))
}

function filesBelow(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).sort()
}
