// What a service counts, in the text form of Prometheus. The door to prom-client.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export interface Metrics {
  exchange(transaction: string, outcome: string, seconds: number): void
  replayed(transaction: string): void
  refusedHandshake(): void
  /** A value that is read when somebody asks. */
  gauge(name: string, help: string, read: () => number): void
  /** A number that only grows, by one each time that the result is called. */
  counter(name: string, help: string): () => void
  text(): Promise<{ contentType: string; body: string }>
}

export function openMetrics(service: string): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service })
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const exchanges = new Histogram({
    name: 'xds_exchange_seconds',
    help: 'Duration of the exchanges answered, by transaction and outcome',
    labelNames: ['transaction', 'outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  })
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
    exchange: (transaction, outcome, seconds) => exchanges.observe({ transaction, outcome }, seconds),
    replayed: transaction => replays.inc({ transaction }),
    refusedHandshake: () => refused.inc(),
    gauge: (name, help, read) =>
      void new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read())
        },
      }),
    counter(name, help) {
      const counter = new Counter({ name, help, registers })
      return () => counter.inc()
    },
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}
