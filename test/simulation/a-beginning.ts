// What all simulated worlds of a process of tests begin with: its certificates take seconds.
import { type Beginning, prepareBeginning } from '../../simulation/world.js'
import { atExit } from '../house/at-exit.js'

let made: Promise<Beginning> | undefined

/** Removed when the process ends. */
export function aBeginning(): Promise<Beginning> {
  made ??= prepareBeginning().then(beginning => {
    atExit(beginning.close)
    return beginning
  })
  return made
}
