// One registry process among several on one database: does what it is told over its channel and says what was answered.
import { systemPorts } from '../../../ports/ports.js'
import type { RegistryResponse } from '../../../transactions/xds-messages.js'
import { aDocumentEntry, anAssociation, aSubmission } from '../../samples/submission.js'
import { codesOf, ihe, registryOver } from '../a-registry.js'
import { postgresEngine } from '../engines.js'

export interface Race {
  database: string
  port: number
  times: number
  /** Submissions of this uniqueId, each with a document of its own; or replacements of this entry. */
  uniqueId?: string
  replaces?: string
}

/** How often each answer came: `Success`, or its error codes. */
export type Counted = Record<string, number>

process.once('message', (race: Race) => void run(race))

async function run({ database, port, times, uniqueId, replaces }: Race): Promise<void> {
  const registry = registryOver(await postgresEngine(database, ihe, systemPorts, { port }))
  const attempt = (): Promise<RegistryResponse> => {
    const entry = aDocumentEntry()
    const associations =
      replaces === undefined
        ? []
        : [anAssociation({ associationType: 'RPLC', sourceObject: entry.entryUUID, targetObject: replaces })]
    const submissionSet = uniqueId === undefined ? {} : { uniqueId }
    return registry.register(aSubmission({ documentEntries: [entry], associations, submissionSet }))
  }
  process.send?.('ready')
  await new Promise(resolve => process.once('message', resolve))
  const counted: Counted = {}
  const answers = await Promise.all(Array.from({ length: times }, attempt))
  for (const answer of answers) {
    const name = answer.status === 'Success' ? 'Success' : codesOf(answer).join()
    counted[name] = (counted[name] ?? 0) + 1
  }
  await registry.close()
  process.send?.(counted, () => process.disconnect())
}
