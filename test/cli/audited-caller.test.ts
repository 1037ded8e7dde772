import { renameSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { searchAudit } from '../../atna-audit/repository/search.js'
import { type AuditRepository, openAuditRepository } from '../../atna-audit/repository/service-parts.js'
import { readSyslog } from '../../atna-audit/syslog.js'
import { auditedCaller } from '../../cli/audited-caller.js'
import { findDocuments } from '../../cli/documents/stored-queries.js'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { systemPorts as ports } from '../../ports/ports.js'
import type { Called, Caller } from '../../server/caller.js'
import { registryStoredQuery } from '../../transactions/xds.js'
import { certificates, silent } from '../atna-audit/loopback.js'
import { recordFaults } from '../atna-audit/record-rules.js'
import { playedTerminal } from './played-terminal.js'

describe('a command', () => {
  let folder: string
  let repository: AuditRepository | undefined
  let answer: () => Promise<Called<unknown>>

  beforeEach(async () => {
    folder = await ports.files.temporaryFolder('carnet-commands-')
    answer = async () =>
      ({ response: { status: 'Success', errors: [], registryObjects: [] } }) as unknown as Called<unknown>
  })
  afterEach(async () => {
    await repository?.close(0)
    repository = undefined
    await ports.files.removeFolder(folder)
  })

  async function openSink(): Promise<AuditRepository> {
    repository = await openAuditRepository({
      config: {
        database: join(folder, 'audit.sqlite'),
        syslog: { host: '127.0.0.1', port: 0, maxMessageBytes: 100_000 },
      },
      trust: { identity: (await certificates()).service },
      source: { auditSourceID: 'carnet-atna-audit', appName: 'carnet-atna-audit' },
      origin: 'https://localhost:8443',
      ports,
      log: silent,
    })
    return repository
  }

  async function aCommand(port: number) {
    const terminal = playedTerminal(folder)
    const config = {
      registry: { audit: { host: '127.0.0.1', port } },
      auditEnterpriseSiteID: '2.999.7',
    } as unknown as CarnetConfig
    const caller = { call: () => answer(), close: () => undefined, renewTls: () => undefined } as unknown as Caller
    const tls = (await certificates()).service
    const audited = auditedCaller(caller, { deployment: { config, folder }, tls, context: { ports, terminal } })
    const query = findDocuments('P-1^^^&2.999.1&ISO', ['Approved'])
    const ask = () => audited.call(registryStoredQuery, query, { url: 'https://localhost:8441/registry' })
    return { ask, terminal, close: () => audited.close() }
  }

  const ownRecords = () =>
    searchAudit(repository!.store, { limit: 100 })
      .map(({ frame }) => readSyslog(frame))
      .filter(({ appName }) => appName === 'carnet-cli')
      .map(({ message }) => message.toString())

  it('leaves its own side of each exchange in the audit, whatever came of it [ITI TF-2:3.18.5.1]', async () => {
    const { ask, close } = await aCommand((await openSink()).listener.port)
    await ask()
    answer = () => Promise.reject(new Error('nobody answers'))
    await ask().catch(() => undefined)
    await close()
    const records = ownRecords()
    expect(records.map(record => /EventOutcomeIndicator="(\d+)"/.exec(record)?.[1])).to.deep.equal(['0', '8'])
    expect(records.flatMap(recordFaults)).to.deep.equal([])
  })

  it('keeps it for the next one while the audit service is away [ITI TF-2:3.20.4.1.1]', async () => {
    const away = await aCommand(1)
    await away.ask()
    await away.close()
    expect(away.terminal.complained.join()).to.contain('they go with the next command')
    const next = await aCommand((await openSink()).listener.port)
    await next.ask()
    await next.close()
    expect(ownRecords().length).to.equal(2)
    expect((await ports.files.list(folder)).filter(name => name.startsWith('commands-audit'))).to.deep.equal([])
  })

  it('sends what another one had taken and was killed before it sent it [ITI TF-2:3.20.4.1.1]', async () => {
    const away = await aCommand(1)
    await away.ask()
    await away.close()
    const waiting = join(folder, 'commands-audit.queue')
    renameSync(waiting, `${waiting}.0197`)
    const { listener } = await openSink()
    const soon = await aCommand(listener.port)
    await soon.ask()
    await soon.close()
    expect(ownRecords().length, 'while it may be at work').to.equal(1)
    utimesSync(`${waiting}.0197`, 0, 0)
    const next = await aCommand(listener.port)
    await next.ask()
    await next.close()
    expect(ownRecords().length).to.equal(3)
    expect((await ports.files.list(folder)).filter(name => name.startsWith('commands-audit'))).to.deep.equal([])
  })
})
