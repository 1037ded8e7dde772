// The commands of the systemd units as they stand, on a deployment of the test's own.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../ports/processes.js'
import { aPreparedFolder } from './a-prepared-folder.js'
import { commandOf, here, services } from './systemd-units.js'

describe('the commands of the systemd units', function () {
  this.timeout(300_000)

  it('start services that are ready when ExecStartPost ends, and that end when systemd says so', async () => {
    const prepared = await aPreparedFolder()
    const at = (word: string) => here(word).replace('/etc/carnet/carnet.json', prepared.configFile)
    const running: { ended: Promise<number | null>; end(): void }[] = []
    try {
      for (const name of services) {
        const [node = '', ...args] = commandOf(name, 'ExecStart').map(at)
        running.unshift(spawned(node, args))
        const [probe = '', ...asked] = commandOf(name, 'ExecStartPost').map(at)
        expect(await spawned(probe, asked).ended, `ExecStartPost of ${name}`).to.equal(0)
        const [script = '', ...its] = asked
        expect(await spawned(probe, [script, ...its.slice(0, 2)]).ended, `${name} is ready`).to.equal(0)
      }
      for (const service of running) {
        service.end()
        expect(await service.ended).to.equal(0)
      }
    } finally {
      for (const service of running) service.end()
      await prepared.remove()
    }
  })

  it('are told by the probe, in words, of a service that does not answer', async () => {
    const prepared = await aPreparedFolder()
    const script = join(packageRoot, 'scripts', 'probe.js')
    try {
      const one = spawned(process.execPath, [script, 'registry', prepared.configFile])
      expect(await one.ended).to.equal(1)
      expect(one.said()).to.match(/registry does not answer on http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)/)
      expect(await spawned(process.execPath, [script, 'letters', 'x']).ended).to.equal(2)
      writeFileSync(prepared.configFile, '{}')
      const none = spawned(process.execPath, [script, 'gateway', prepared.configFile])
      expect(await none.ended).to.equal(2)
      expect(none.said()).to.contain('has no section "gateway"')
    } finally {
      await prepared.remove()
    }
  })
})

function spawned(command: string, args: string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', piece => {
    said += piece
  })
  return {
    ended: new Promise<number | null>(resolve => child.once('close', resolve)),
    said: () => said,
    end: () => void child.kill('SIGTERM'),
  }
}
