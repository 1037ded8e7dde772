// Waiting for a fact: it ends as soon as that holds, names it where it never does, and leaves room for a machine that stands still meanwhile.
import { setTimeout as pause } from 'node:timers/promises'

export async function until(
  holds: () => boolean | Promise<boolean>,
  what = 'what the test waits for',
  atMostMs = 30_000,
): Promise<void> {
  for (const begunMs = performance.now(); ; await pause(5)) {
    if (await holds()) return
    if (performance.now() - begunMs > atMostMs) throw new Error(`never came true: ${what}`)
  }
}
