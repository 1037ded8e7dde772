// Labelled points: each durable step of a service has a place before, perhaps within, and after it. First a world in which nothing goes
// wrong, to see which there are; then for each of them a world in which the machine ends there, once.
import type { CrashKind } from './boot.js'
import { simulate, type Verdict } from './run.js'
import type { Beginning, ServiceName } from './world.js'

export interface LabelledPoint {
  service: ServiceName
  label: string
}

export interface Ending extends LabelledPoint {
  kind: CrashKind
}

interface Played {
  seed: string
  operations: number
}

/** Of a world in which nothing goes wrong, in the order in which they were first passed. */
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

/** Told by the name of the point. */
export async function endedAt(
  { service, label, kind }: Ending,
  { seed, operations }: Played,
  beginning: Beginning,
): Promise<Verdict> {
  let isOver = false
  const endsAt = (at: ServiceName, passed: string) => {
    if (isOver || at !== service || passed !== label) return undefined
    isOver = true
    return kind
  }
  const verdict = await simulate({ seed, operations, endsAt }, beginning)
  const faults = isOver ? verdict.faults : [...verdict.faults, 'no machine came to its end there']
  return { ...verdict, seed: `${service} ${label} (${kind})`, faults }
}
