// Every command that a page for operators names is one that there is, with flags that it has.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Command } from 'commander'
import { carnetProgram } from '../../cli/program.js'
import { systemPorts } from '../../ports/ports.js'
import { packageRoot } from '../../ports/processes.js'
import { playedTerminal } from '../cli/played-terminal.js'

const pages = [
  'README.md',
  'deploy/README.md',
  'docs/OPERATIONS.md',
  'docs/RUNBOOK.md',
  'docs/SCALING.md',
  'docs/CONFIGURATION.md',
  'docs/COMMUNITIES.md',
]

describe('the commands in the documents', () => {
  const context = { ports: systemPorts, terminal: playedTerminal() }
  let program: Command
  before(async () => {
    program = await carnetProgram(undefined, '0.0.0', context)
  })

  for (const page of pages) {
    it(`of ${page} are there, with the flags that they are given`, () => {
      const commands = commandsIn(readFileSync(join(packageRoot, page), 'utf8'))
      expect(commands.flatMap(words => faultsOf(words, program))).to.deep.equal([])
    })
  }

  it('load no other than those of their family, which has them all', async () => {
    for (const name of program.commands.map(command => command.name())) {
      const own = (await carnetProgram(name, '0.0.0', context)).commands.map(command => command.name())
      expect(own, name).to.include(name)
      expect(own.length, name).to.be.lessThan(program.commands.length / 2)
    }
  })

  it('are found at all', () => {
    expect(commandsIn(readFileSync(join(packageRoot, 'docs', 'RUNBOOK.md'), 'utf8')).length).to.be.above(30)
    expect(faultsOf(['backup', '--too', 'x'], program)).to.deep.equal(['carnet backup has no flag --too'])
    expect(faultsOf(['certs', 'burn'], program)).to.deep.equal(['carnet certs has no command burn'])
    expect(faultsOf(['dance'], program)).to.deep.equal(['carnet has no command dance'])
  })
})

/** The words behind each `npx carnet`, up to the end of the line, of the code or of the comment. */
function commandsIn(text: string): string[][] {
  return [...text.matchAll(/npx carnet ([^`\n#|]+)/g)].map(([, words = '']) =>
    (words.match(/'[^']*'|[^\s']+/g) ?? []).filter(word => word !== '…'),
  )
}

function faultsOf(words: string[], program: Command): string[] {
  let command = program
  const path = ['carnet']
  const [...left] = words
  while (command.commands.length > 0) {
    const below = command.commands.find(each => each.name() === left[0])
    if (below === undefined) break
    command = below
    path.push(left.shift() ?? '')
  }
  const [first] = left
  const takesNone = command.registeredArguments.length === 0
  if (command.commands.length > 0 && takesNone && first !== undefined && !first.startsWith('-'))
    return [`${path.join(' ')} has no command ${first}`]
  const flags = left.filter(word => /^--?[a-z]/.test(word)).map(word => word.replace(/=.*$/, ''))
  return flags
    .filter(flag => flag !== '--help' && !command.options.some(({ long, short }) => long === flag || short === flag))
    .map(flag => `${path.join(' ')} has no flag ${flag}`)
}
