// What a run of chaos came to, as a row in docs/RELIABILITY.md; the row of an earlier run of the same command goes.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../deployment.js'

const begin = '<!-- results: npm run chaos -- --note -->'
const end = '<!-- end of results -->'
const head = '| day | command | tried | result |\n|---|---|---|---|\n'

/** Of one part of a run. */
export interface Result {
  tried: number
  faults: string[]
  /** In words, for the report. */
  seen: string
}

export interface Noted {
  /** As in `2026-11-25`. */
  date: string
  command: string
  tried: number
  seconds: number
  seen: string
  faults: readonly string[]
}

export function noteResult(noted: Noted): void {
  const file = join(root, 'docs', 'RELIABILITY.md')
  writeFileSync(file, withResult(readFileSync(file, 'utf8'), noted))
}

/** Newest last. */
export function withResult(text: string, noted: Noted): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error('there is no place for results')
  const command = `| \`${inCell(noted.command)}\` |`
  const rows = text
    .slice(from + begin.length, to)
    .split('\n')
    .filter(line => /^\| \d/.test(line) && !line.includes(command))
  rows.push(`| ${noted.date} ${command} ${noted.tried} in ${noted.seconds} s | ${inCell(resultOf(noted))} |`)
  return `${text.slice(0, from)}${begin}\n${head}${rows.join('\n')}\n${text.slice(to)}`
}

function resultOf({ seen, faults }: Noted): string {
  if (faults.length === 0) return `held: ${seen}`
  const more = faults.length > 3 ? `, and ${faults.length - 3} more` : ''
  return `FAILED: ${faults.slice(0, 3).join('; ')}${more}; ${seen}`
}

const inCell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')
