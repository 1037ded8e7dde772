// The door of the carnet command: what was asked is done, and every ending becomes an exit code.
import { join } from 'node:path'
import { CommanderError } from 'commander'
import { systemPorts } from '../ports/ports.js'
import { packageRoot } from '../ports/processes.js'
import { systemTerminal } from '../ports/terminal.js'
import type { Context } from './context.js'
import { exitCodes } from './failure.js'
import { failureOf } from './in-words.js'
import { carnetProgram } from './program.js'

export async function run(
  args: string[],
  context: Context = { ports: systemPorts, terminal: systemTerminal },
): Promise<void> {
  const { terminal } = context
  try {
    const program = await carnetProgram(args[0], await version(context), context)
    await program.parseAsync(args.length === 0 ? ['--help'] : args, {
      from: 'user',
    })
  } catch (problem) {
    terminal.progress('')
    // Commander has already said what is wrong.
    if (problem instanceof CommanderError) {
      return terminal.endWith(problem.exitCode === 0 ? exitCodes.done : exitCodes.usage)
    }
    const failure = failureOf(problem)
    terminal.complain(`carnet: ${failure.message}`)
    terminal.endWith(exitCodes[failure.reason])
  }
}

async function version({ ports }: Context): Promise<string> {
  const described = JSON.parse(String(await ports.files.readFile(join(packageRoot, 'package.json'))))
  return String(described.version)
}
