// The compose file, as far as it can be known without an engine: what it names is there, and each service has what its carnet.json asks for.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { loadConfig } from '../../config/load.js'
import { systemPorts } from '../../ports/ports.js'
import { packageRoot } from '../../ports/processes.js'
import { judgedBy } from './judges.js'

interface ComposeService {
  image: string
  build?: { context: string }
  command: string[]
  profiles?: string[]
  read_only?: boolean
  pids_limit?: number
  cap_drop?: string[]
  security_opt?: string[]
  volumes: string[]
  secrets: string[]
  ports?: string[]
  depends_on?: Record<string, unknown>
}

interface Compose {
  services: Record<string, ComposeService>
  volumes: Record<string, unknown>
  secrets: Record<string, { file: string }>
}

const folder = join(packageRoot, 'deploy', 'compose')
// Its merge keys (`<<`) are of YAML 1.1.
const compose = load(readFileSync(join(folder, 'compose.yaml'), 'utf8'), { schema: YAML11_SCHEMA }) as Compose
const ours = ['registry', 'repository', 'atna-audit', 'patient-index', 'gateway'] as const

describe('the compose file', () => {
  it('runs the five services, and others only where a profile asks for them', () => {
    const always = Object.entries(compose.services).filter(([, { profiles }]) => profiles === undefined)
    expect(always.map(([name]) => name).sort()).to.deep.equal([...ours].sort())
    for (const name of ours) expect(compose.services[name]?.command).to.deep.equal(commandOf(name))
  })

  it('builds from the folder of the Dockerfile', () => {
    for (const name of ours) {
      const { build } = compose.services[name]!
      expect(existsSync(join(folder, build!.context, 'Dockerfile'))).to.equal(true)
    }
  })

  it('names no volume, secret or service that is not there', () => {
    for (const { volumes, secrets, depends_on = {} } of Object.values(compose.services)) {
      const named = volumes.map(volume => volume.split(':', 1)[0]!).filter(source => !source.startsWith('.'))
      expect(Object.keys(compose.volumes)).to.include.members(named)
      expect(Object.keys(compose.secrets)).to.include.members(secrets)
      expect(Object.keys(compose.services)).to.include.members(Object.keys(depends_on))
    }
  })

  it('lets no service write but into its volume, nor gain what it has not', () => {
    for (const name of ours) {
      const { read_only, cap_drop, security_opt, volumes } = compose.services[name]!
      expect({ read_only, cap_drop, security_opt }).to.deep.equal({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      })
      const written = volumes.filter(volume => !volume.endsWith(':ro')).map(volume => volume.split(':')[1])
      expect(written).to.deep.equal([`/var/lib/carnet/${name}`])
    }
  })

  it('names the version of every image', () => {
    for (const { image } of Object.values(compose.services)) expect(image).to.match(/:v?\d[\d.]*$/)
  })

  it('comes with a carnet.json that holds: keys are secrets of their service, data lie in its volume, ports are published', async () => {
    const config = await loadConfig(join(folder, 'carnet.json'), systemPorts)
    const { registry, repository, atnaAudit } = config
    const patientIndex = config.patientIndex!
    const gateway = config.gateway!
    const parts = [
      { name: 'registry', section: registry, data: [registry.database], doors: [registry.mllp.tls?.port] },
      { name: 'repository', section: repository, data: [repository.database, repository.documents], doors: [] },
      {
        name: 'atna-audit',
        section: atnaAudit,
        data: [atnaAudit.database],
        doors: [atnaAudit.syslog.port, atnaAudit.pages?.listen.port],
      },
      {
        name: 'patient-index',
        section: patientIndex,
        data: [patientIndex.database],
        doors: [patientIndex.mllp.tls?.port],
      },
      { name: 'gateway', section: gateway, data: [gateway.database], doors: [] },
    ]
    for (const { name, section, data, doors } of parts) {
      const { secrets, ports = [] } = compose.services[name]!
      expect(secrets.map(secret => `/run/secrets/${secret}`)).to.include(section.tls.key)
      for (const place of data) expect(place).to.match(new RegExp(`^/var/lib/carnet/${name}/`))
      expect(section.listen.host).to.equal('0.0.0.0')
      const published = ports.map(port => Number(port.split(':')[1]))
      expect(published).to.have.members([section.listen.port, ...doors])
      expect(section.log).to.equal(undefined)
    }
    const called = [repository.registry, ...patientIndex.registries, ...gateway.registries, ...gateway.repositories]
    const hosts = [...called, gateway.patientIndex!].map(({ url }) => new URL(url).hostname)
    expect(Object.keys(compose.services)).to.include.members([...hosts, registry.audit.host, gateway.audit.host])
    expect(gateway.repositories[0]?.repositoryUniqueId).to.equal(repository.repositoryUniqueId)
    expect(atnaAudit.pages?.readers).not.to.deep.equal([])
  })

  it('is one to those who wrote the form of such files', function () {
    judgedBy('compose-go', [join(folder, 'compose.yaml')], this)
  })

  it('leaves room for the threads of workers', () => {
    for (const name of ours) expect(compose.services[name]?.pids_limit).to.be.at.least(1_000)
  })
})

function commandOf(name: string): string[] {
  return [name, '--config', '/etc/carnet/carnet.json']
}
