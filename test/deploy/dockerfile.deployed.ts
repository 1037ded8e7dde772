// The command of the image, run on a copy of exactly the files that the image is made of.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { getText } from '../../cli/get-text.js'
import { systemPorts } from '../../ports/ports.js'
import { packageRoot } from '../../ports/processes.js'
import { isAlive } from '../cli/started.js'
import { aPreparedFolder } from './a-prepared-folder.js'
import { commandOf, instructionsOf, letThrough, sourcesOf, stagesOf } from './dockerfile.js'

const last = stagesOf(instructionsOf('Dockerfile')).at(-1)!
const sent = letThrough()
const services = ['atna-audit', 'registry', 'repository'] as const

describe('the command of the image', function () {
  this.timeout(300_000)
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

function filesBelow(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).sort()
}
