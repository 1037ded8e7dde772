import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { CarnetConfig } from '../../config/carnet-config.js'
import { firstConfig } from '../../config/defaults.js'
import { loadConfig } from '../../config/load.js'
import { systemPorts } from '../../ports/ports.js'
import { systemRandomness } from '../../ports/randomness.js'
import { settingsChanged } from '../../server/actor-service.js'
import { watchSettings } from '../../server/settings-watch.js'

// biome-ignore lint/suspicious/noExplicitAny: a JSON tree that each test changes at will
type Json = any

describe('the watch over the settings', () => {
  const first = firstConfig(systemRandomness)
  let folder: string
  beforeEach(async () => {
    folder = await systemPorts.files.temporaryFolder('carnet-settings-')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  async function configured(change: (config: Json) => void = () => {}): Promise<CarnetConfig> {
    const config: Json = structuredClone(first)
    change(config)
    writeFileSync(join(folder, 'carnet.json'), JSON.stringify(config))
    return loadConfig(join(folder, 'carnet.json'), systemPorts, {})
  }

  const watched = (config: CarnetConfig, worker?: number) => {
    const inFolder = worker === undefined ? folder : join(folder, `worker-${worker}`)
    const section = { ...config.registry, folder: inFolder, ...(worker !== undefined && { worker }) }
    return watchSettings(config, { name: 'registry', section, ports: systemPorts })
  }

  /** A start and its end. */
  async function started(config: CarnetConfig, worker?: number): Promise<readonly string[]> {
    const watch = await watched(config, worker)
    await watch.remember()
    return watch.changed
  }

  it('tells nothing at the first start, nor as long as nothing changes', async () => {
    for (const _ of [1, 2, 3]) expect(await started(await configured())).to.deep.equal([])
  })

  it('names what was changed, added or taken away, once [DICOM PS3.15 A.5.3.11]', async () => {
    await started(await configured(config => Object.assign(config, { profile: 'ihe' })))
    const other = await configured(config => {
      config.registry.limits = { ...config.registry.limits, requestsInFlight: 7 }
      config.peers = [...(config.peers ?? []), { name: 'clinic', commonNames: ['clinic'], roles: ['source'] }]
      config.auditEnterpriseSiteID = '2.999.7'
    })
    expect(await started(other)).to.deep.equal(['auditEnterpriseSiteID', 'peers', 'registry.limits.requestsInFlight'])
    expect(await started(other)).to.deep.equal([])
  })

  it('leaves what another service is set to for that one to tell', async () => {
    await started(await configured())
    const other = await configured(config => {
      config.repository.limits = { ...config.repository.limits, requestsInFlight: 7 }
    })
    expect(await started(other)).to.deep.equal([])
  })

  it('tells again what could not be remembered', async () => {
    await started(await configured())
    const other = await configured(config => Object.assign(config, { auditEnterpriseSiteID: '2.999.7' }))
    for (const _ of [1, 2]) expect((await watched(other)).changed).to.deep.equal(['auditEnterpriseSiteID'])
  })

  it('is held by the first of several workers, who have the settings of one service', async () => {
    await started(await configured(), 1)
    const other = await configured(config => Object.assign(config, { auditEnterpriseSiteID: '2.999.7' }))
    expect(await started(other, 2)).to.deep.equal([])
    expect(await started(other, 1)).to.deep.equal(['auditEnterpriseSiteID'])
  })

  it('keeps no setting itself, for some are secret', async () => {
    await started(await configured(config => Object.assign(config, { auditEnterpriseSiteID: '2.999.424242' })))
    const kept = readFileSync(join(folder, 'registry.settings'), 'utf8')
    expect(kept).to.contain('"auditEnterpriseSiteID"').and.not.contain('424242')
  })

  it('begins anew where what it kept cannot be read', async () => {
    for (const spoilt of ['', '[', 'null', '"x"']) {
      writeFileSync(join(folder, 'registry.settings'), spoilt)
      expect(await started(await configured())).to.deep.equal([])
    }
  })

  it('is told to the auditor, bounded [ITI TF-2: Table 3.20.4.1.1.1-1]', () => {
    const facts = { actor: 'Document Registry', processId: 7, hostName: 'localhost', dateTimeMs: 0 }
    const told = (changed: string[]) =>
      settingsChanged({ settings: { changed, remember: async () => {} } }, 'https://localhost:8441/registry', facts)
    expect(told([])).to.deep.equal([])
    const [record] = told(Array.from({ length: 43 }, (_, at) => `registry.limits.l${at}`))
    expect(record?.eventTypeCode?.[0]).to.equal('110129')
    expect(record?.outcomeDescription).to.match(
      /^settings are not those of the last start: registry\.limits\.l0, .* and 3 more$/,
    )
  })
})
