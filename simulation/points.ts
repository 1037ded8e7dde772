// Labelled points: each durable step of a service has a place before, perhaps within, and after it. First a world in which nothing goes
// wrong, to see which there are; then for each of them a world in which the machine ends there, once.
import type { CrashKind } from './boot.js'
import { simulate } from './run.js'
import type { Beginning, ServiceName } from './world.js'

export interface LabelledPoint {
  service: ServiceName
  label: string
}

export interface Ended extends LabelledPoint {
  kind: CrashKind
  faults: string[]
}

interface Played {
  seed: string
  operations: number
}

export async function pointsPassed({ seed, operations }: Played, beginning: Beginning): Promise<LabelledPoint[]> {
  const passed = new Map<string, LabelledPoint>()
  const endsAt = (service: ServiceName, label: string) => {
    if (isDurable(label)) passed.set(`${service}: ${label}`, { service, label })
    return undefined
  }
  const { faults } = await simulate({ seed, operations, endsAt }, beginning)
  if (faults.length > 0) throw new Error(`nothing went wrong, and all the same: ${faults[0]}`)
  return [...passed.values()]
}

/** Nothing leans on what a log says, and nothing is left of what was only read. */
const isDurable = (label: string) => !label.endsWith('.log') && !/^\w+ (?:read|list|open) /.test(label)

export async function endedAt(
  { service, label }: LabelledPoint,
  kind: CrashKind,
  { seed, operations }: Played,
  beginning: Beginning,
): Promise<Ended> {
  let isOver = false
  const endsAt = (at: ServiceName, passed: string) => {
    if (isOver || at !== service || passed !== label) return undefined
    isOver = true
    return kind
  }
  const { faults } = await simulate({ seed, operations, endsAt }, beginning)
  return { service, label, kind, faults: isOver ? faults : [...faults, 'no machine came to its end there'] }
}
