// How much memory something holds on to, measured behind the back of the garbage collector.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const heapBytes = () => {
  collect()
  return process.memoryUsage().heapUsed
}

/** What is still held when the work is done; `work` gives back whatever shall stay. */
export async function heldBytes(work: () => unknown): Promise<number> {
  const before = heapBytes()
  const stays = await work()
  const held = heapBytes() - before
  // It lives until here.
  return stays === heapBytes ? 0 : held
}
