// Which settings a service starts with that it did not have at its last start. The auditor is told their names, and nobody what
// they hold: of each a digest is remembered. [ITI TF-2: Table 3.20.4.1.1.1-1, DICOM PS3.15 §A.5.3.11]
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { CarnetConfig } from '../config/carnet-config.js'
import { type ConfiguredService, sectionsOf } from '../config/sections.js'
import { readIfThere } from '../ports/files.js'
import type { Ports } from '../ports/ports.js'
import { folderOf, type ServiceSection } from './service-section.js'

export interface SettingsWatch {
  /** As `registry.limits.requestsInFlight`, sorted; none at a first start. */
  changed: readonly string[]
  /** From now on these are the settings that others are compared with. */
  remember(): Promise<void>
}

/**
 * Of several workers the first one tells. At the very first start nothing has `changed`. Digests of values are kept, never the values;
 * `remember` is called once the auditor was told.
 */
export async function watchSettings(
  config: CarnetConfig,
  { name, section, ports }: { name: ConfiguredService; section: ServiceSection; ports: Pick<Ports, 'files'> },
): Promise<SettingsWatch> {
  // Workers of one service have its settings; the first of them tells.
  if (section.worker !== undefined && section.worker > 1) return { changed: [], remember: async () => {} }
  const folder = section.worker === undefined ? folderOf(section) : dirname(folderOf(section))
  const file = join(folder, `${name}.settings`)
  const now = digestsOf(settingsOf(config, name))
  const before = digestsIn(await readIfThere(ports.files, file))
  const changed = before === undefined ? [] : differences(before, now)
  const isNew = before === undefined || changed.length > 0
  return {
    changed,
    async remember() {
      if (isNew) await ports.files.replace(file, `${JSON.stringify(Object.fromEntries(now))}\n`, { mode: 0o640 })
    },
  }
}

/** Those of this service and those of all; what another one is set to is told by that one. */
function settingsOf(config: CarnetConfig, name: ConfiguredService): Record<string, unknown> {
  const others = sectionsOf(config).filter(({ service }) => service !== name)
  const foreign = new Set<string>(others.map(({ setting }) => setting))
  return Object.fromEntries(Object.entries(config).filter(([key]) => !foreign.has(key)))
}

/** Lists are compared as a whole. */
function digestsOf(settings: Record<string, unknown>): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (value: unknown, path: string) => {
    if (value === undefined) return
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, one] of Object.entries(value)) visit(one, path === '' ? key : `${path}.${key}`)
      return
    }
    const text = `${path} ${JSON.stringify(value)}`
    found.set(path, createHash('sha256').update(text).digest('hex').slice(0, 32))
  }
  visit(settings, '')
  return found
}

function differences(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  const paths = new Set([...before.keys(), ...now.keys()])
  return [...paths].filter(path => before.get(path) !== now.get(path)).sort()
}

/** Undefined where there are none, or none that can be read: a first start. */
function digestsIn(bytes: Buffer | undefined): Map<string, string> | undefined {
  if (bytes === undefined) return undefined
  try {
    const digests = JSON.parse(bytes.toString())
    return digests instanceof Object ? new Map(Object.entries(digests as Record<string, string>)) : undefined
  } catch {
    return undefined
  }
}
