// The load generator, a process of its own: as many connections as asked for, each with one request under way, for some seconds.
import { identity } from './deployment.js'
import { openConnection } from './http-connection.js'
import type { Job, Outcome } from './job.js'
import { rowOf } from './requests.js'

process.on('message', async (job: Job) => {
  process.send?.(await run(job))
})
process.on('disconnect', () => process.exit(0))

async function run(job: Job): Promise<Outcome> {
  const tls = identity(job.certificates, 'client')
  const url = new URL(job.url)
  const row = rowOf(job)
  const connections = await Promise.all(Array.from({ length: job.connections }, () => openConnection(url, tls)))
  const timesMs: number[] = []
  const failures: string[] = []
  const started = performance.now()
  const end = started + job.seconds * 1000

  await Promise.all(
    connections.map(async connection => {
      try {
        while (performance.now() < end) {
          const request = row.next()
          const sent = performance.now()
          const wrong = row.wrong(await connection.send(request))
          timesMs.push(performance.now() - sent)
          if (wrong !== undefined) failures.push(wrong)
        }
      } catch (problem) {
        failures.push((problem as Error).message)
      }
    }),
  )
  const seconds = (performance.now() - started) / 1000
  for (const connection of connections) connection.close()
  timesMs.sort((a, b) => a - b)
  const percentile = (share: number) => timesMs[Math.min(timesMs.length - 1, Math.floor(timesMs.length * share))] ?? 0
  return {
    requests: timesMs.length,
    failures: failures.length,
    firstFailure: failures[0],
    seconds,
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
    p99Ms: percentile(0.99),
  }
}
