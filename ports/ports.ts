// All doors to the outside in one value, so that a test can play the world.
import { type Clock, systemClock } from './clock.js'
import { type Files, systemFiles } from './files.js'
import { systemNetwork } from './network/system-network.js'
import type { Network } from './network.js'
import { type Processes, systemProcesses } from './processes.js'
import { type Randomness, systemRandomness } from './randomness.js'
import { systemThreads, type Threads } from './threads.js'

/** What reaches outside of the process; whoever is given these can be played with in a test or a simulation, clock and disk included. */
export interface Ports {
  clock: Clock
  files: Files
  network: Network
  processes: Processes
  randomness: Randomness
  threads: Threads
}

export const systemPorts: Ports = {
  clock: systemClock,
  files: systemFiles,
  network: systemNetwork,
  processes: systemProcesses,
  randomness: systemRandomness,
  threads: systemThreads,
}
