// All doors to the outside in one value, so that a test can play the world.
import { type Clock, systemClock } from './clock.js'
import { type Files, systemFiles } from './files.js'
import { type Network, systemNetwork } from './network.js'
import { type Processes, systemProcesses } from './processes.js'
import { type Randomness, systemRandomness } from './randomness.js'

export interface Ports {
  clock: Clock
  files: Files
  network: Network
  processes: Processes
  randomness: Randomness
}

export const systemPorts: Ports = {
  clock: systemClock,
  files: systemFiles,
  network: systemNetwork,
  processes: systemProcesses,
  randomness: systemRandomness,
}
