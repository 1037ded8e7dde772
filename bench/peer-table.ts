// What each row says of the two servers, as a table that can be put into docs/performance as it is.
import { median } from './table.js'

export interface PeerMeasured {
  row: string
  connections: number
  ours: Figures
  theirs: Figures
  failures: string[]
}

/** One of each round. */
export interface Figures {
  cpuUs: number[]
  requestsPerSecond: number[]
}

/** `clearly`: the dearest round of ours cost less than the cheapest of theirs; `yes`: the median did. */
export type Verdict = 'clearly' | 'yes' | 'no'

export function verdictOf({ ours, theirs }: Pick<PeerMeasured, 'ours' | 'theirs'>): Verdict {
  if (Math.max(...ours.cpuUs) < Math.min(...theirs.cpuUs)) return 'clearly'
  return median(ours.cpuUs) < median(theirs.cpuUs) ? 'yes' : 'no'
}

export const peerTableHead = tableHead('Carnet', 'peer')
export const versionTableHead = tableHead('now', 'earlier')

function tableHead(ours: string, theirs: string): string {
  return [
    `| | connections | ${ours}, CPU ms | ${theirs}, CPU ms | ${ours} / ${theirs} | less? | requests/s |`,
    '|---|---|---|---|---|---|---|',
  ].join('\n')
}

export function peerTableLine(measured: PeerMeasured): string {
  const { row, connections, ours, theirs } = measured
  const ratio = (median(ours.cpuUs) / median(theirs.cpuUs)).toFixed(2)
  const rates = [ours, theirs].map(side => median(side.requestsPerSecond).toFixed(0)).join(' / ')
  return `| ${row} | ${connections} | ${spread(ours)} | ${spread(theirs)} | ${ratio} | ${verdictOf(measured)} | ${rates} |`
}

/** One line about all rows, those that are not cheaper by name. */
export function peerSummary(all: readonly PeerMeasured[]): string {
  const dearer = all.filter(one => verdictOf(one) === 'no')
  const clear = all.filter(one => verdictOf(one) === 'clearly').length
  const names = dearer.map(({ row, connections }) => `${row} at ${connections}`).join(', ')
  const not = dearer.length === 0 ? '' : `; not less: ${names}`
  return `Carnet costs less CPU than the peer in ${all.length - dearer.length} of ${all.length} rows, clearly in ${clear}${not}`
}

/** Rows that cost more by more than a tenth. */
export function slowerRows(all: readonly PeerMeasured[]): string[] {
  return all
    .filter(({ ours, theirs }) => median(ours.cpuUs) > 1.1 * median(theirs.cpuUs))
    .map(({ row, connections }) => `${row} at ${connections}`)
}

function spread({ cpuUs }: Figures): string {
  const [middle, lowest, highest] = [median(cpuUs), Math.min(...cpuUs), Math.max(...cpuUs)].map(us =>
    (us / 1000).toFixed(2),
  )
  return `${middle} (${lowest}-${highest})`
}
