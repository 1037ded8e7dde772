// What a Dockerfile and a .dockerignore say, read as far as ours need it.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../ports/processes.js'

export interface Instruction {
  name: string
  /** Behind the name, continued lines joined. */
  text: string
  /** Of COPY, `--from=build`. */
  flags: string[]
  words: string[]
}

export function instructionsOf(file: string): Instruction[] {
  const lines = readFileSync(join(packageRoot, file), 'utf8')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
  return lines
    .filter(line => line.trim() !== '')
    .map(line => {
      const [, name = '', text = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
      const all = text.trim().startsWith('[') ? (JSON.parse(text) as string[]) : text.trim().split(/\s+/)
      return {
        name,
        text: text.trim(),
        flags: all.filter(word => word.startsWith('--')),
        words: all.filter(word => !word.startsWith('--')),
      }
    })
}

/** The stages in their order, each beginning with its FROM. */
export function stagesOf(instructions: Instruction[]): Instruction[][] {
  const stages: Instruction[][] = []
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') stages.push([])
    stages.at(-1)?.push(instruction)
  }
  return stages
}

/** Words of the last instruction of that name in its JSON form, flags of the command included. */
export function commandOf(stage: Instruction[], name: 'ENTRYPOINT' | 'CMD' | 'HEALTHCHECK'): string[] {
  const { text = '' } = stage.findLast(each => each.name === name) ?? {}
  return JSON.parse(text.slice(text.indexOf('['))) as string[]
}

/** Files that go to the engine: by the last line of .dockerignore that says something of them. */
export function letThrough(): string[] {
  const lines = readFileSync(join(packageRoot, '.dockerignore'), 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
  const isIgnored = (path: string) => {
    const last = lines.findLast(line => {
      const pattern = line.replace(/^!/, '')
      return pattern === '*' || path === pattern || path.startsWith(`${pattern}/`)
    })
    return last !== undefined && !last.startsWith('!')
  }
  return filesBelow('').filter(path => !isIgnored(path))
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { withFileTypes: true }).flatMap(entry => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (['node_modules', '.git', 'dist', '.build', 'var'].includes(path)) return []
    return entry.isDirectory() ? filesBelow(path) : [path]
  })
}

/** What a COPY brings, as paths of the checkout. */
export function sourcesOf({ words }: { words: string[] }): string[] {
  return words.slice(0, -1).map(word => word.replace(/^\/src\//, ''))
}
