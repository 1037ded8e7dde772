// What has reached the sink of a deployment: every record that its services have written, held against schema and tables.

import { auditRepositoryMigrations } from '../../atna-audit/repository/migrations.js'
import { searchAudit } from '../../atna-audit/repository/search.js'
import { readSyslog } from '../../atna-audit/syslog.js'
import { systemPorts } from '../../ports/ports.js'
import { openStore } from '../../store/open-store.js'
import { recordFaults } from '../atna-audit/record-rules.js'

const mostFaults = 20

/** Of a deployment that has ended. @throws Error with what is wrong */
export async function assertRecordsAreExact(database: string): Promise<void> {
  const { clock, files } = systemPorts
  const store = await openStore({ path: database, migrations: auditRepositoryMigrations }, clock, files)
  const faults: string[] = []
  try {
    for (let afterId = 0; faults.length < mostFaults; ) {
      const found = searchAudit(store, { afterId, limit: 500 })
      if (found.length === 0) break
      afterId = found.at(-1)?.id ?? 0
      for (const { frame } of found) {
        const { appName, message } = readSyslog(frame)
        if (appName?.startsWith('carnet-') !== true) continue
        const text = message.toString()
        faults.push(...recordFaults(text).map(fault => `${fault} in ${text.slice(0, 2_000)}`))
      }
    }
  } finally {
    await store.close()
  }
  if (faults.length > 0)
    throw new Error(`audit records are not what they should be:\n${faults.slice(0, mostFaults).join('\n')}`)
}
