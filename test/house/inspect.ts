// Looks at one source file and says where it breaks the plan of the house.
import { posix } from 'node:path'
import { tokensOf } from './lexer.js'
import { doors, harmlessModules, outhouses, outside, roomsBelow } from './plan.js'

/** What is wrong with the file at `path` (from the root, with slashes), as `path:line: sentence`. */
export function breachesIn(path: string, source: string): string[] {
  const room = roomOf(path)
  if (room === undefined) return [`${path}:1: no room of this name is in the plan (test/house/plan.ts)`]
  if (outhouses.includes(room)) return []
  const at = (offset: number) => `${path}:${source.slice(0, offset).split('\n').length}`
  const imports = importsOf(source).flatMap(({ name, offset }) =>
    faultsOfImport(path, room, name).map(fault => `${at(offset)}: ${fault}`),
  )
  return room === 'ports'
    ? imports
    : [
        ...imports,
        ...reachedOutside(source).map(({ what, offset }) => `${at(offset)}: ${what} is reached only through ports/`),
      ]
}

/** The room with the longest name that the path lies in. */
function roomOf(path: string): string | undefined {
  return [...Object.keys(roomsBelow), ...outhouses]
    .filter(room => path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0]
}

/** What a file imports, static or dynamic; `undefined` where the name is worked out when the program runs. */
export function importsOf(source: string): { name: string | undefined; offset: number }[] {
  const tokens = tokensOf(source).filter(token => token.kind !== 'comment')
  const named = tokens.flatMap((token, index) => {
    const before = codeBefore(tokens, index)
    if (token.kind !== 'string' || !/(?:\bfrom|\bimport|\bimport\s*\()\s*$/.test(before)) return []
    return [{ name: token.text.slice(1, -1), offset: token.at }]
  })
  const computed = tokens.flatMap((token, index) => {
    if (token.kind !== 'code') return []
    const next = tokens[index + 1]
    return [...token.text.matchAll(/\bimport\s*\(\s*/g)]
      .filter(found => found.index + found[0].length < token.text.length || next?.kind !== 'string')
      .map(found => ({ name: undefined, offset: token.at + found.index }))
  })
  return [...named, ...computed]
}

function codeBefore(tokens: ReturnType<typeof tokensOf>, index: number): string {
  let text = ''
  for (let at = index - 1; at >= 0 && tokens[at]?.kind === 'code'; at--) text = `${tokens[at]?.text}${text}`
  return text
}

/** The door to SQLite chooses between two; a thread loads what a deployment names. */
const workedOut = ['store/sqlite-driver.ts', 'ports/threads.ts']

function faultsOfImport(path: string, room: string, name: string | undefined): string[] {
  if (name === undefined) return workedOut.includes(path) ? [] : ['imports a module whose name is worked out']
  return name.startsWith('.') ? faultsOfNeighbour(path, room, name) : faultsOfPackage(path, room, name)
}

function faultsOfNeighbour(path: string, room: string, name: string): string[] {
  const target = posix.normalize(posix.join(posix.dirname(path), name))
  const there = roomOf(target)
  if (there === room || (there !== undefined && roomsBelow[room]?.includes(there))) return []
  return [`${room}/ may not import ${there === undefined ? target : `${there}/`} (${name})`]
}

function faultsOfPackage(path: string, room: string, name: string): string[] {
  const packageName = name.startsWith('node:') ? name : name.split('/', name.startsWith('@') ? 2 : 1).join('/')
  const door = doors[packageName]
  if (door !== undefined) return path.startsWith(door) ? [] : [`${packageName} is imported only in ${door}`]
  if (name.startsWith('node:')) {
    return room === 'ports' || harmlessModules.includes(name) ? [] : [`${name} is imported only in ports/`]
  }
  return [`${packageName} has no door in the plan (test/house/plan.ts)`]
}

function reachedOutside(source: string): { what: string; offset: number }[] {
  const code = tokensOf(source)
    .map(({ kind, text }) => (kind === 'code' ? text : text.replace(/[^\n]/g, ' ')))
    .join('')
  return outside.flatMap(({ what, pattern }) =>
    [...code.matchAll(pattern)]
      .filter(([found]) => !isOfThisFile(/\w+/.exec(found)?.[0] ?? '', code))
      .map(found => ({ what, offset: found.index })),
  )
}

/** A function of the file's own may be called as it likes. */
function isOfThisFile(name: string, code: string): boolean {
  return new RegExp(`\\bfunction\\s+${name}\\b`).test(code)
}
