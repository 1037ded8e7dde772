// The inside of the thread that verifies the chain: with a connection of its own, so that nobody waits.
import { systemClock } from '../../../ports/clock.js'
import { insideThread } from '../../../ports/threads.js'
import { inWords } from '../../../store/failures.js'
import { openReading } from '../../../store/open-reading.js'
import type { VerifyOptions } from './report.js'
import type { SignedRoot } from './roots.js'
import { verify } from './verify.js'

export interface VerificationWanted {
  database: string
  options: Omit<VerifyOptions, 'roots'>
  roots: { text: string; signature: Uint8Array }[]
}

const tellEveryMs = 250

const { database, options, roots } = insideThread.data as VerificationWanted
try {
  const reading = await openReading(database)
  try {
    const kept: SignedRoot[] = roots.map(({ text, signature }) => ({ text, signature: Buffer.from(signature) }))
    const steps = verify(reading, { ...options, roots: kept }, systemClock)
    let toldMs = 0
    for (;;) {
      const { value, done } = steps.next()
      if (done === true) {
        insideThread.send({ report: value })
        break
      }
      if (systemClock.monotonicMs() - toldMs < tellEveryMs) continue
      toldMs = systemClock.monotonicMs()
      insideThread.send({ progress: value })
    }
  } finally {
    reading.close()
  }
} catch (problem) {
  insideThread.send({ failure: inWords(problem) })
}
insideThread.close()
