// A terminal that remembers what was printed, for tests of commands.
import type { Terminal } from '../../ports/terminal.js'

export interface PlayedTerminal extends Terminal {
  printed: string[]
  complained: string[]
  exitCode: number
}

export function playedTerminal(workingFolder = '/'): PlayedTerminal {
  const terminal: PlayedTerminal = {
    printed: [],
    complained: [],
    exitCode: 0,
    print: line => void terminal.printed.push(line),
    printBytes: async bytes => void terminal.printed.push(Buffer.from(bytes).toString('latin1')),
    complain: line => void terminal.complained.push(line),
    progress: () => {},
    endWith: code => {
      terminal.exitCode = code
    },
    outliveReaders: () => {},
    workingFolder,
    columns: 100,
  }
  return terminal
}
