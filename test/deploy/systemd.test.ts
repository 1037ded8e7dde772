// The systemd units: what systemd itself says of them. Their commands are run in systemd.deployed.ts.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadConfig } from '../../config/load.js'
import { systemPorts } from '../../ports/ports.js'
import { thriftyCollector } from '../../ports/processes.js'
import { commandOf, folder, here, services, textOf } from './systemd-units.js'

describe('the systemd units', function () {
  this.timeout(120_000)

  it('are one for each service', () => {
    const units = readdirSync(folder).filter(name => name.endsWith('.service'))
    expect(units.sort()).to.deep.equal(services.map(name => `carnet-${name}.service`).sort())
  })

  it('find no fault with systemd-analyze verify', function () {
    if (!isThere('systemd-analyze')) {
      this.test!.title += ' (skipped: systemd-analyze is not installed)'
      this.skip()
    }
    const copies = mkdtempSync(join(tmpdir(), 'carnet-units-'))
    try {
      for (const name of services) writeFileSync(join(copies, `carnet-${name}.service`), here(textOf(name)))
      const files = services.map(name => join(copies, `carnet-${name}.service`))
      execFileSync('systemd-analyze', ['verify', '--man=no', ...files], { stdio: 'pipe' })
    } finally {
      rmSync(copies, { recursive: true, force: true })
    }
  })

  it('differ in nothing but the name of the service and what it waits for', () => {
    const alike = services.map(name =>
      textOf(name)
        .replaceAll(name, 'SERVICE')
        .replace(/^(#.*|Description=.*|After=.*)\n/gm, ''),
    )
    expect(new Set(alike).size).to.equal(1)
  })

  it('give each service the flags for V8 that the supervisor gives', () => {
    for (const name of services) expect(commandOf(name, 'ExecStart')).to.include.members([...thriftyCollector])
  })

  it('make a user for each service that a unit names', () => {
    const users = readFileSync(join(folder, 'carnet.sysusers.conf'), 'utf8')
    for (const name of services) {
      const [, user = ''] = /^User=(.*)$/m.exec(textOf(name)) ?? []
      expect(users).to.match(new RegExp(`^u ${user} `, 'm'))
    }
  })

  it('give each service its own key to read, and nobody else, by systemd-sysusers and systemd-tmpfiles', function () {
    if (!isThere('systemd-sysusers') || !isThere('systemd-tmpfiles') || process.getuid?.() !== 0) {
      this.test!.title += ' (skipped: it takes systemd and root)'
      this.skip()
    }
    const root = mkdtempSync(join(tmpdir(), 'carnet-root-'))
    try {
      const keys = {
        ...{ registry: 'registry.key', repository: 'repository.key', 'atna-audit': 'audit.key' },
        ...{ 'patient-index': 'patient-index.key', gateway: 'gateway.key' },
      }
      mkdirSync(join(root, 'etc', 'carnet', 'certs'), { recursive: true })
      for (const key of Object.values(keys))
        writeFileSync(join(root, 'etc', 'carnet', 'certs', key), '', { mode: 0o666 })
      execFileSync('systemd-sysusers', [`--root=${root}`, join(folder, 'carnet.sysusers.conf')], { stdio: 'pipe' })
      execFileSync('systemd-tmpfiles', [`--root=${root}`, '--create', join(folder, 'carnet.tmpfiles.conf')], {
        stdio: 'pipe',
      })
      const users = readFileSync(join(root, 'etc', 'passwd'), 'utf8')
      for (const name of services) {
        // Without Group= a unit runs in the group that its user has in passwd.
        expect(textOf(name)).not.to.match(/^Group=/m)
        const [, group] = new RegExp(`^carnet-${name}:[^:]*:[0-9]+:([0-9]+):`, 'm').exec(users) ?? []
        const { gid, mode } = statSync(join(root, 'etc', 'carnet', 'certs', keys[name]))
        expect({ gid: String(gid), mode: (mode & 0o777).toString(8) }).to.deep.equal({ gid: group, mode: '640' })
      }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })

  it('come with a carnet.json that holds, and keeps the data of each service in the folder that its unit makes', async () => {
    const config = await loadConfig(join(folder, 'carnet.json'), systemPorts)
    expect(config.mode).to.equal('production')
    const places = {
      'atna-audit': [config.atnaAudit.database],
      registry: [config.registry.database],
      repository: [config.repository.database, config.repository.documents],
      'patient-index': [config.patientIndex?.database],
      gateway: [config.gateway?.database],
    }
    expect(config.atnaAudit.pages?.readers).not.to.deep.equal([])
    for (const name of services) {
      const [, made = ''] = /^StateDirectory=(.*)$/m.exec(textOf(name)) ?? []
      for (const place of places[name]) expect(place).to.match(new RegExp(`^/var/lib/${made}/`))
    }
  })
})

function isThere(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
