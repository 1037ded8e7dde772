// The audit repository with many records: how fast they come in, what they take on the disk, how long a page of each question takes,
// how fast all are verified. `node dist/bench/audit.js [--records 1000000] [--database FILE]`; a file that is there is filled up.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { described } from '../atna-audit/repository/arrival.js'
import { openChain } from '../atna-audit/repository/chain/chain.js'
import { verify } from '../atna-audit/repository/chain/verify.js'
import { countRecords, findRecords } from '../atna-audit/repository/find-records.js'
import { openIntake } from '../atna-audit/repository/intake.js'
import { auditRepositoryMigrations } from '../atna-audit/repository/migrations.js'
import type { RecordQuery } from '../atna-audit/repository/record-query.js'
import { keep } from '../atna-audit/repository/records.js'
import { systemPorts as ports } from '../ports/ports.js'
import { openStore } from '../store/open-store.js'
import type { Store } from '../store/store.js'
import { documentId, endMs, patientId, personId, personName, recordAt, traceOf } from './audit-records.js'

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    database: { type: 'string' },
    times: { type: 'string', default: '20' },
    verify: { type: 'boolean', default: false },
  },
})
const total = Number(values.records)
const times = Number(values.times)
const scratch = values.database === undefined ? mkdtempSync(join(tmpdir(), 'carnet-audit-bench-')) : undefined
const path = values.database ?? join(scratch as string, 'audit.sqlite')
const { clock, files } = ports
const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

const store = await openStore({ path, migrations: auditRepositoryMigrations }, clock, files)
try {
  await fill()
  console.log(`size        ${await sizeOf(store)}`)
  search()
  await takeIn()
  if (values.verify) await verified()
} finally {
  await store.close()
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
}

/** Many in a commit, without waiting for the disk: what is measured here is not how they come in. */
async function fill(): Promise<void> {
  const there = Number(store.prepare('SELECT coalesce(max(id), 0) AS id FROM audit_record').get()?.id)
  const began = cpuMs()
  for (let from = there; from < total; from += 5_000) {
    await store.writeSoon(() => {
      for (let n = from; n < Math.min(from + 5_000, total); n += 1) {
        const { frame, eventMs } = recordAt(n, total)
        const arrival = { frame, origin: 'bench at 127.0.0.1', receivedMs: eventMs + 40, repeatable: true }
        keep(store, arrival, described(arrival))
      }
    })
    if (from % 100_000 === 0) console.log(`filled      ${from} (${Math.round(cpuMs() - began)} ms of CPU)`)
  }
  if (there < total) {
    console.log(
      `filled      ${total - there} records, ${((1000 * (cpuMs() - began)) / (total - there)).toFixed(0)} µs of CPU each`,
    )
  }
}

async function sizeOf(store: Store): Promise<string> {
  store.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
  const bytes = statSync(path).size
  let raw = 0
  for (let n = 0; n < 1_000; n += 1) raw += recordAt(n, total).frame.length
  return `${Math.round(bytes / total)} bytes a record, of which the frame had ${Math.round(raw / 1_000)} (${Math.round(bytes / 2 ** 20)} MiB in all)`
}

function search(): void {
  const day = 86_400_000
  const someDay = { sinceMs: endMs - 40 * day, untilMs: endMs - 39 * day }
  const questions: [string, (n: number) => RecordQuery][] = [
    ['nothing: the newest', () => ({})],
    ['patient with many records', n => ({ patient: patientId(n) })],
    ['patient with few records', n => ({ patient: patientId(50_000 + n) })],
    ['person by id', n => ({ person: personId(n * 37) })],
    ['person by name', n => ({ person: personName(n * 37) })],
    ['one word of names', n => ({ person: `muster${(n * 7) % 1_000}` })],
    ['organisation', n => ({ organisation: `2.999.${n % 12}` })],
    ['document', n => ({ object: documentId(n * 991) })],
    ['purpose: emergency', () => ({ purpose: 'EMER' })],
    ['role', () => ({ role: 'PAT' })],
    ['transaction', () => ({ type: 'ITI-41' })],
    ['failures', () => ({ outcome: 'failed' as const })],
    ['success', () => ({ outcome: 0 })],
    ['source', n => ({ source: `portal-${n % 40}` })],
    ['trace', n => ({ trace: traceOf(Math.floor(total / 8) + n) })],
    ['trace that is not there', n => ({ trace: traceOf(-1 - n) })],
    ['a day', () => someDay],
    ['patient and a day', n => ({ patient: patientId(n), ...someDay })],
    ['person and patient', n => ({ person: personId(n * 37), patient: patientId(n) })],
    ['person, emergency', n => ({ person: personId(n * 37), purpose: 'EMER' })],
    ['emergency, failed', () => ({ purpose: 'EMER', outcome: 'failed' as const })],
    [
      'emergency, failed, of patients, ITI-41',
      () => ({ purpose: 'EMER', outcome: 'failed' as const, role: 'PAT', type: 'ITI-41' }),
    ],
    [
      'source, role, transaction, failed',
      n => ({ source: `portal-${n % 40}`, role: 'ASS', type: 'ITI-43', outcome: 'failed' as const }),
    ],
    ['transaction and role that exclude each other', () => ({ type: 'ITI-41', event: '110112' })],
    ['anything: a name', n => ({ anything: `muster${(n * 7) % 1_000}` })],
  ]
  console.log(
    `\n| question | page of 100, median | worst of ${times} | CPU, median | found | to be looked on |\n|---|---|---|---|---|---|`,
  )
  for (const [what, query] of questions) {
    const took: number[] = []
    const cost: number[] = []
    let found = 0
    let more = 0
    for (let n = 0; n < times; n += 1) {
      const began = performance.now()
      const beganCpu = cpuMs()
      const page = findRecords(store, query(n), { limit: 100 }, clock)
      took.push(performance.now() - began)
      cost.push(cpuMs() - beganCpu)
      found += page.records.length
      if (page.records.length < 100 && page.next !== undefined) more += 1
    }
    for (const each of [took, cost]) each.sort((one, other) => one - other)
    const [median, worst] = [took[Math.floor(times / 2)], took.at(-1)]
    console.log(
      `| ${what} | ${median?.toFixed(1)} ms | ${worst?.toFixed(1)} ms | ${cost[Math.floor(times / 2)]?.toFixed(1)} ms | ${(found / times).toFixed(0)} | ${more} |`,
    )
  }
  const began = performance.now()
  const { count, exact } = countRecords(store, { patient: patientId(1) }, {}, clock)
  console.log(
    `\ncounted     ${count}${exact ? '' : ' and more'} of a patient in ${(performance.now() - began).toFixed(1)} ms`,
  )
}

/** The way of records that arrive: read, kept, indexed, hashed, synced; 64 under way at a time. */
async function takeIn(): Promise<void> {
  const intake = openIntake(store, clock)
  const count = 20_000
  const frames = Array.from({ length: count }, (_, n) => recordAt(total + n, total))
  const began = cpuMs()
  const beganWall = performance.now()
  const waiting: Promise<unknown>[] = []
  for (const { frame, eventMs } of frames) {
    waiting.push(intake.take([{ frame, origin: 'bench at 127.0.0.1', receivedMs: eventMs, repeatable: true }]))
    if (waiting.length >= 1_024) await Promise.all(waiting.splice(0))
  }
  await Promise.all(waiting)
  const us = (1000 * (cpuMs() - began)) / count
  const perSecond = (1000 * count) / (performance.now() - beganWall)
  console.log(`taken in    ${us.toFixed(0)} µs of CPU a record, ${perSecond.toFixed(0)} a second by the clock`)
}

async function verified(): Promise<void> {
  const silent = { info: () => {}, error: (facts: object, message: string) => console.log(message, facts) }
  const own = mkdtempSync(join(tmpdir(), 'carnet-audit-key-'))
  let began = cpuMs()
  const chain = await openChain({
    ...{ store, clock, files, log: silent },
    keyFile: existsSync(`${path}.key`) ? `${path}.key` : join(own, 'key'),
    rootsFile: undefined,
    everyRecords: 1e9,
    everyMs: 1e9,
  })
  await chain.seal()
  console.log(`signed      in ${Math.round(cpuMs() - began)} ms of CPU`)
  began = cpuMs()
  const steps = verify(store, {}, clock)
  for (;;) {
    const { value, done } = steps.next()
    if (done !== true) continue
    const us = (1000 * (cpuMs() - began)) / value.records
    console.log(
      `verified    ${value.records} records, ${us.toFixed(0)} µs of CPU each (${Math.round(1e6 / us)} a second), findings: ${value.findings.length}`,
    )
    break
  }
  await chain.close()
  rmSync(own, { recursive: true, force: true })
}
