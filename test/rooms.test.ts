// The house is built to its plan: imports run downwards, libraries enter by one door, the outside is reached through ports/.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../ports/processes.js'
import { breachesIn, importsOf } from './house/inspect.js'
import { tokensOf } from './house/lexer.js'
import { doors, outhouses, roomsBelow } from './house/plan.js'

const sources = typeScriptBelow('.')

describe('the rooms', () => {
  it('hold to the plan', () => {
    const breaches = sources.flatMap(path => breachesIn(path, readFileSync(join(packageRoot, path), 'utf8')))
    expect(sources.length).to.be.above(50)
    expect(breaches, breaches.join('\n')).to.deep.equal([])
  })

  it('are planned without a circle', () => {
    const rooms = Object.keys(roomsBelow)
    const reach = (room: string, seen = new Set<string>()): Set<string> => {
      for (const below of roomsBelow[room] ?? []) if (!seen.has(below)) reach(below, seen.add(below))
      return seen
    }
    expect(rooms.filter(room => reach(room).has(room))).to.deep.equal([])
  })

  it('have no files that import one another, be it by way of others', () => {
    expect(circlesAmong(sources, path => neighboursOf(path))).to.deep.equal([])
  })

  it('have no files that take types from one another either', () => {
    const rooms = sources.filter(path => !outhouses.includes(path.split('/')[0] ?? ''))
    expect(circlesAmong(rooms, path => neighboursOf(path, 'types too'))).to.deep.equal([])
  })

  it('have a door for every library that is installed with us', () => {
    const { dependencies } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
    expect(Object.keys(dependencies).filter(name => !(name in doors))).to.deep.equal([])
  })
})

describe('the inspection', () => {
  const breaches: [path: string, source: string, expected: string][] = [
    [
      'soap/a.ts',
      "import { x } from '../metadata/model.js'",
      'soap/a.ts:1: soap/ may not import metadata/ (../metadata/model.js)',
    ],
    [
      'soap/a.ts',
      "import type { X } from '../registry/x.js'",
      'soap/a.ts:1: soap/ may not import registry/ (../registry/x.js)',
    ],
    [
      'registry/a.ts',
      "export * from '../repository/x.js'",
      'registry/a.ts:1: registry/ may not import repository/ (../repository/x.js)',
    ],
    [
      'atna-audit/a.ts',
      "import './repository/x.js'",
      'atna-audit/a.ts:1: atna-audit/ may not import atna-audit/repository/ (./repository/x.js)',
    ],
    [
      'server/a.ts',
      "const x = await import(\n'../cli/main.js')",
      'server/a.ts:2: server/ may not import cli/ (../cli/main.js)',
    ],
    ['cli/a.ts', "import { x } from '../test/x.js'", 'cli/a.ts:1: cli/ may not import test/ (../test/x.js)'],
    ['soap/b.ts', "\nimport { z } from 'zod'", 'soap/b.ts:2: zod is imported only in config/'],
    ['cli/a.ts', "import { z } from 'zod'", 'cli/a.ts:1: zod is imported only in config/'],
    [
      'registry/a.ts',
      "import sqlite from '@photostructure/sqlite'",
      'registry/a.ts:1: @photostructure/sqlite is imported only in store/',
    ],
    ['store/a.ts', "import x from 'left-pad'", 'store/a.ts:1: left-pad has no door in the plan (test/house/plan.ts)'],
    ['store/a.ts', "import { readFileSync } from 'node:fs'", 'store/a.ts:1: node:fs is imported only in ports/'],
    [
      'store/a.ts',
      "import { readFileSync } from 'fs'",
      'store/a.ts:1: fs has no door in the plan (test/house/plan.ts)',
    ],
    ['store/a.ts', 'const fs = await import(name)', 'store/a.ts:1: imports a module whose name is worked out'],
    ['store/a.ts', 'const fs = await import(`node:fs`)', 'store/a.ts:1: imports a module whose name is worked out'],
    ['soap/a.ts', '// a\n\nconst t = Date.now()', 'soap/a.ts:3: the clock (Date.now) is reached only through ports/'],
    [
      'soap/a.ts',
      'const t = new Date()',
      'soap/a.ts:1: the clock (new Date of nothing) is reached only through ports/',
    ],
    ['soap/a.ts', 'const t = new Date', 'soap/a.ts:1: the clock (new Date of nothing) is reached only through ports/'],
    ['soap/a.ts', 'const t = Date()', 'soap/a.ts:1: the clock (Date as a function) is reached only through ports/'],
    ['soap/a.ts', 'performance.now()', 'soap/a.ts:1: the clock (performance) is reached only through ports/'],
    ['soap/a.ts', 'setTimeout(f, 1)', 'soap/a.ts:1: a timer is reached only through ports/'],
    ['soap/a.ts', 'const wait = setImmediate', 'soap/a.ts:1: a timer is reached only through ports/'],
    ['soap/a.ts', 'Math.random()', 'soap/a.ts:1: randomness is reached only through ports/'],
    ['soap/a.ts', "import { randomUUID } from 'node:crypto'", 'soap/a.ts:1: randomness is reached only through ports/'],
    ['soap/a.ts', 'crypto.randomBytes(8)', 'soap/a.ts:1: randomness is reached only through ports/'],
    ['soap/a.ts', 'const p = process.env', 'soap/a.ts:1: the process is reached only through ports/'],
    ['soap/a.ts', 'console.log(1)', 'soap/a.ts:1: the terminal is reached only through ports/'],
    ['soap/a.ts', 'await fetch(url)', 'soap/a.ts:1: the network (fetch) is reached only through ports/'],
    ['soap/a.ts', 'globalThis.setTimeout(f, 1)', 'soap/a.ts:1: everything (globalThis) is reached only through ports/'],
    [
      'soap/a.ts',
      'const x = `now $' + '{Date.now()} $' + '{`in $' + '{{ a: 1 }}`}`',
      'soap/a.ts:1: the clock (Date.now) is reached only through ports/',
    ],
    ['helpers/a.ts', '', 'helpers/a.ts:1: no room of this name is in the plan (test/house/plan.ts)'],
  ]
  for (const [path, source, expected] of breaches) {
    it(`finds ${JSON.stringify(source)} in ${path}`, () => {
      expect(breachesIn(path, source)).to.deep.equal([expected])
    })
  }

  const innocent: [path: string, source: string][] = [
    ['config/a.ts', "import { z } from 'zod'"],
    ['ports/a.ts', "import { readFile } from 'node:fs/promises'\nconst t = Date.now()"],
    ['metadata/a.ts', "import type { XmlElement } from '../soap/xml.js'\nimport { createHash } from 'node:crypto'"],
    [
      'soap/a.ts',
      '// Date.now() and process.exit()\n/* setTimeout() */ const t = "Math.random()" + \'new Date()\' + `fetch(x)`',
    ],
    ['soap/a.ts', 'const t = new Date(epochMs).toISOString()'],
    ['soap/a.ts', 'clock.setTimeout; socket.setTimeout(1); my.process.end; const { process } = ports'],
    ['soap/a.ts', 'const half = a / 2; const pattern = /[/"]Date.now()/g; const third = b / 3'],
    ['soap/a.ts', 'await fetch(url)\nasync function fetch(url: string) {}'],
    ['test/a.ts', "import { readFileSync } from 'node:fs'\nDate.now()"],
  ]
  for (const [path, source] of innocent) {
    it(`has nothing against ${JSON.stringify(source)} in ${path}`, () => {
      expect(breachesIn(path, source)).to.deep.equal([])
    })
  }

  it('loses no character of a source', () => {
    for (const path of sources) {
      const text = readFileSync(join(packageRoot, path), 'utf8')
      expect(
        tokensOf(text)
          .map(token => token.text)
          .join(''),
        path,
      ).to.equal(text)
    }
  })

  it('sees as many imports as a line-by-line count', () => {
    for (const path of sources.filter(name => !name.startsWith('test/'))) {
      const text = readFileSync(join(packageRoot, path), 'utf8')
      const lines = text.match(/^(?:import|export)\b[^;]*?from '[^']+'$|^import '[^']+'$/gm) ?? []
      expect(importsOf(text).length, path).to.be.at.least(lines.length)
    }
  })
})

describe('the files under version control', () => {
  // Put together here, so that this file does not hold what it looks for.
  const begin = ['-----BEGIN', '[A-Z ]*PRIVATE KEY-----'].join(' ')
  const privateKey = new RegExp(`${begin}(?:\\\\[rn]|\\s)*[A-Za-z0-9+/]{40,}`)
  const foreignPath = new RegExp(['(?:^|[\\s"\'`(=:])', '(?:work|tmp/brief|root)', '[\\w.-]'].join('/'))

  function tracked(): string[] {
    return execFileSync('git', ['ls-files', '-z'], { cwd: packageRoot, encoding: 'utf8' })
      .split('\0')
      .filter(path => path !== '' && existsSync(join(packageRoot, path)))
  }

  before(function () {
    if (!existsSync(join(packageRoot, '.git'))) this.skip()
  })

  it('hold no private key and no keystore', () => {
    const keys = tracked().filter(
      path =>
        /\.(?:key|p12|pfx|jks|keystore)$/.test(path) ||
        privateKey.test(readFileSync(join(packageRoot, path), 'latin1')),
    )
    expect(keys).to.deep.equal([])
  })

  it('name no path of the machine they were written on', () => {
    const named = tracked().filter(path => foreignPath.test(readFileSync(join(packageRoot, path), 'latin1')))
    expect(named).to.deep.equal([])
  })

  it('would be found out', () => {
    const pem = ['-----BEGIN', 'PRIVATE KEY-----\nMIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7'].join(' ')
    expect(privateKey.test(pem)).to.equal(true)
    expect(privateKey.test(JSON.stringify(pem))).to.equal(true)
    expect(foreignPath.test(['see ', 'work', 'main'].join('/'))).to.equal(true)
    expect(foreignPath.test('a framework/main, net/work/x')).to.equal(false)
  })
})

/** Files that it needs when it runs, or for their types too. */
function neighboursOf(path: string, types?: 'types too'): string[] {
  const text = readFileSync(join(packageRoot, path), 'utf8')
  return [...text.matchAll(/^(?:import|export)( type\b)?\b[^';]*from '(\.[^']+)\.js'$/gm)]
    .filter(([, isType]) => isType === undefined || types !== undefined)
    .map(([, , name = '']) => posix.normalize(`${posix.dirname(path)}/${name}.ts`))
}

function circlesAmong(paths: readonly string[], neighboursOf: (path: string) => string[]): string[] {
  const neighbours = new Map(paths.map(path => [path, neighboursOf(path)]))
  const open = new Set<string>()
  const done = new Set<string>()
  function circleFrom(path: string): string[] {
    if (open.has(path)) return [[...open].slice([...open].indexOf(path)).join(' → ')]
    if (done.has(path)) return []
    open.add(path)
    const found = (neighbours.get(path) ?? []).flatMap(circleFrom)
    open.delete(path)
    done.add(path)
    return found
  }
  return paths.flatMap(circleFrom)
}

/** All TypeScript of ours, as paths from the root. */
function typeScriptBelow(folder: string): string[] {
  const skipped = ['node_modules', 'dist', 'var', 'coverage']
  return readdirSync(join(packageRoot, folder), { withFileTypes: true }).flatMap(entry => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory())
      return skipped.includes(entry.name) || entry.name.startsWith('.') ? [] : typeScriptBelow(path)
    return entry.name.endsWith('.ts') ? [path] : []
  })
}
