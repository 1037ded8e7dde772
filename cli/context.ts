// What a command is given of the world.
import type { Ports } from '../ports/ports.js'
import type { Terminal } from '../ports/terminal.js'

export interface Context {
  ports: Ports
  terminal: Terminal
}
