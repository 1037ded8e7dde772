// What a service counts, in the text form of Prometheus. The door to prom-client.
import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Names and labels are bounded: never one of a patient, a document or a trace. */
export interface Metrics {
  /** `codes` are those of IHE, each once. */
  exchange(transaction: string, outcome: string, seconds: number, codes?: readonly string[]): void
  replayed(transaction: string): void
  refusedHandshake(): void
  /** A value that is read when somebody asks. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void
  /** The same with one value for each of some labels. */
  gauges(name: string, help: string, label: string, read: () => Promise<[of: string, value: number][]>): void
  /** The same of what only grows until a restart. */
  counts(name: string, help: string, label: string, read: () => Promise<[of: string, value: number][]>): void
  /** How long something took, by two labels. */
  durations(
    name: string,
    help: string,
    labels: readonly [string, string],
  ): (of: string, how: string, seconds: number) => void
  /** A number that only grows, by one or by so much each time that the result is called. */
  counter(name: string, help: string): (by?: number) => void
  text(): Promise<{ contentType: string; body: string }>
  /** For `joined`, in another process. */
  values(): Promise<MetricsOfWorker>
}

export type MetricsOfWorker = unknown[]

/** Codes of another maker's registry are counted too, but nobody can make a series of each word he thinks of. */
const mostCodes = 100

/** Of several processes as of one: each of their values is there, with the number of its worker. */
export async function joined(all: readonly MetricsOfWorker[]): Promise<{ contentType: string; body: string }> {
  const registry = AggregatorRegistry.aggregate([...all] as object[])
  return { contentType: registry.contentType, body: await registry.metrics() }
}

/** Durations in seconds, sizes in bytes. `worker` is a label where several processes are one service, so that nothing is counted under one name twice. */
export function openMetrics(service: string, worker?: number): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels(worker === undefined ? { service } : { service, worker: String(worker) })
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
  const exchanges = new Histogram({
    name: 'xds_exchange_seconds',
    help: 'Duration of the exchanges answered, by transaction and outcome',
    labelNames: ['transaction', 'outcome'],
    buckets,
    registers,
  })
  const errors = new Counter({
    name: 'xds_errors_total',
    help: 'Answers that held an error or a warning of this code of IHE, by transaction',
    labelNames: ['transaction', 'code'],
    registers,
  })
  const codesKnown = new Set<string>()
  const replays = new Counter({
    name: 'xds_resubmission_total',
    help: 'Identical submissions that were answered as before',
    labelNames: ['transaction'],
    registers,
  })
  const refused = new Counter({
    name: 'tls_refused_handshakes_total',
    help: 'TLS handshakes that were refused',
    registers,
  })
  return {
    exchange(transaction, outcome, seconds, codes = []) {
      exchanges.observe({ transaction, outcome }, seconds)
      for (const code of codes) {
        if (codesKnown.size < mostCodes) codesKnown.add(code)
        errors.inc({ transaction, code: codesKnown.has(code) ? code : 'other' })
      }
    },
    replayed: transaction => replays.inc({ transaction }),
    refusedHandshake: () => refused.inc(),
    gauge: (name, help, read) =>
      void new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set(await read())
        },
      }),
    gauges: (name, help, label, read) =>
      void new Gauge({
        name,
        help,
        labelNames: [label],
        registers,
        async collect() {
          this.reset()
          for (const [of, value] of await read()) this.set({ [label]: of }, value)
        },
      }),
    counts: (name, help, label, read) =>
      void new Counter({
        name,
        help,
        labelNames: [label],
        registers,
        async collect() {
          this.reset()
          for (const [of, value] of await read()) this.inc({ [label]: of }, value)
        },
      }),
    durations(name, help, [first, second]) {
      const histogram = new Histogram({ name, help, labelNames: [first, second], buckets, registers })
      return (of, how, seconds) => histogram.observe({ [first]: of, [second]: how }, seconds)
    },
    counter(name, help) {
      const counter = new Counter({ name, help, registers })
      return (by = 1) => counter.inc(by)
    },
    values: async () => (await registry.getMetricsAsJSON()) as MetricsOfWorker,
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}
