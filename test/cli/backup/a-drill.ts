// A deployment with a source, a folder beside it for backups and what is restored of them, and a look at each.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type BackupOptions, backup } from '../../../cli/backup/backup.js'
import { readManifest } from '../../../cli/backup/folder.js'
import { openVault } from '../../../cli/backup/vault.js'
import type { Failure } from '../../../cli/failure.js'
import { fsck } from '../../../cli/fsck/fsck.js'
import type { Report } from '../../../cli/fsck/report.js'
import { systemPorts } from '../../../ports/ports.js'
import { aDeployment, type RunningDeployment } from '../../peers/a-deployment.js'
import { aSource } from '../a-source.js'
import { playedTerminal } from '../played-terminal.js'

export type Drill = Awaited<ReturnType<typeof aDrill>>

export async function aDrill() {
  const folder = mkdtempSync(join(tmpdir(), 'carnet-backup-'))
  const running = await aDeployment()
  const source = aSource(running)

  const aContext = () => ({ ports: systemPorts, terminal: playedTerminal(folder) })

  async function backedUp(to: string, options: Partial<BackupOptions> = {}) {
    const context = aContext()
    await backup({ to, data: running.folder, ...options }, context)
    const generations = readdirSync(join(folder, to)).filter(name => /Z$/.test(name))
    const name = generations.sort().at(-1)!
    const newest = join(folder, to, name)
    const vault = await openVault(join(folder, to), options.encryptionKeys, context)
    const manifest = await readManifest({ folder: join(folder, to), vault, context }, name)
    return { manifest, generations, newest, said: context.terminal.printed.join('\n') }
  }

  async function startedIn(
    data: string,
    work: (again: RunningDeployment, consumer: ReturnType<typeof aSource>) => Promise<void>,
  ): Promise<void> {
    const again = await aDeployment({}, join(folder, data))
    const consumer = aSource(again)
    try {
      await work(again, consumer)
    } finally {
      consumer.close()
      await again.close()
    }
  }

  async function examined({ folder: data }: RunningDeployment): Promise<Report['found']> {
    const terminal = playedTerminal(folder)
    await fsck({ data, rate: '1000', bytes: true, json: true }, { ports: systemPorts, terminal })
    return (JSON.parse(terminal.printed.join('\n')) as Report).found
  }

  async function close(): Promise<void> {
    source.close()
    await running.close()
    rmSync(folder, { recursive: true, force: true })
  }

  return { folder, running, source, aContext, backedUp, startedIn, examined, close }
}

/** Names of one second would be one name. */
export const nextSecond = () => systemPorts.clock.sleep(1_000)

export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  return work.then(
    () => expect.fail('it did not fail'),
    problem => problem,
  )
}

export function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}
