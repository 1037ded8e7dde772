// The labelled points of a run as a table in docs/RELIABILITY.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../deployment.js'
import type { Point } from './labelled-points.js'

const begin = '<!-- labelled points: npm run chaos -- --only "labelled points" --note -->'
const end = '<!-- end of labelled points -->'

export function notePoints(points: readonly Point[], seen: string, date: string): void {
  const file = join(root, 'docs', 'RELIABILITY.md')
  const text = readFileSync(file, 'utf8')
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${file} has no place for labelled points`)
  const noted = `${begin}\n${date}: ${seen}.\n\n${pointsTable(points)}\n`
  writeFileSync(file, text.slice(0, from) + noted + text.slice(to))
}

/** A row for each thing that was done and each service: its steps, and at how many of the points before and after them it was ended. */
function pointsTable(points: readonly Point[]): string {
  const rows = new Map<string, { steps: Set<string>; points: number; killed: number }>()
  for (const { label, during, isKilled } of points) {
    const [, service = '', step = ''] = /^(\S+): (?:before|after) (.*)$/.exec(label) ?? []
    const key = `${during} | ${service}`
    const row = rows.get(key) ?? { steps: new Set(), points: 0, killed: 0 }
    row.steps.add(step)
    row.points += 1
    row.killed += Number(isKilled)
    rows.set(key, row)
  }
  const lines = [...rows].map(
    ([key, { steps, points: count, killed }]) => `| ${key} | ${[...steps].join('; ')} | ${killed} of ${count} |`,
  )
  return ['| first passed while | service | durable steps | ended at |', '|---|---|---|---|', ...lines].join('\n')
}
