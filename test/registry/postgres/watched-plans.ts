// The plans by which PostgreSQL has carried out what was asked meanwhile, with the rows that it really read.
import { systemPorts } from '../../../ports/ports.js'
import { theCluster } from '../../store/postgres/a-cluster.js'

export interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Actual Loops': number
  /** Of one loop, rounded. */
  'Actual Rows': number
  'Rows Removed by Filter'?: number
  'Rows Removed by Index Recheck'?: number
  Plans?: PlanNode[]
}

export interface Watched {
  /** Plans of all statements that were run meanwhile, as they were carried out. */
  plansOf(work: () => Promise<void>): Promise<PlanNode[]>
}

/** auto_explain writes the plan of each statement of a session as a notice of the server's log; here they are read from there. */
export async function watching(database: string): Promise<Watched> {
  const cluster = await theCluster()
  const log = `${cluster.folder}/log`
  const settings = {
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_analyze': 'on',
    'auto_explain.log_timing': 'off',
    'auto_explain.log_format': 'json',
    session_preload_libraries: 'auto_explain',
  }
  for (const [name, value] of Object.entries(settings)) {
    await cluster.run(`ALTER DATABASE ${database} SET ${name} = '${value}'`)
  }
  return {
    async plansOf(work) {
      const before = (await systemPorts.files.readFile(log)).length
      await work()
      await systemPorts.clock.sleep(200)
      const text = String((await systemPorts.files.readFile(log)).subarray(before))
      return [...text.matchAll(/^\t(\{[\s\S]*?^\t\})$/gm)].map(
        ([, plan = '']) => (JSON.parse(plan) as { Plan: PlanNode }).Plan,
      )
    },
  }
}

export function nodesIn(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesIn)]
}

/** How many rows of tables all these plans have read, wanted or not; but for those that the keeper looks at when its time comes. */
export function rowsReadBy(plans: readonly PlanNode[]): number {
  const scans = plans
    .flatMap(nodesIn)
    .filter(node => /Scan$/.test(node['Node Type']) && node['Relation Name'] !== undefined)
    .filter(node => !/^(?:carnet_migrations$|pg_)/.test(node['Relation Name'] ?? ''))
  return scans.reduce((sum, node) => {
    const left = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
    return sum + (node['Actual Rows'] + left) * node['Actual Loops']
  }, 0)
}
