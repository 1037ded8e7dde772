// The audit repository with many records: how fast they come in, what they take on the disk, how long a page of each question takes,
// how fast all are verified. `node dist/bench/audit.js [--records 1000000] [--database FILE]`; a file that is there is filled up.
// With `--copies 10` a tenth of the records is made, and the rest are copies of it from earlier months: these cannot be verified.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openChain } from '../atna-audit/repository/chain/chain.js'
import { verify } from '../atna-audit/repository/chain/verify.js'
import { countRecords, findRecords } from '../atna-audit/repository/find-records.js'
import { openIntake } from '../atna-audit/repository/intake.js'
import { auditRepositoryMigrations } from '../atna-audit/repository/migrations.js'
import { searchAuditPage } from '../atna-audit/repository/search.js'
import { systemPorts as ports } from '../ports/ports.js'
import { openStore } from '../store/open-store.js'
import type { Store } from '../store/store.js'
import { copyAudit } from './audit/copies.js'
import { fillAudit } from './audit/fill.js'
import { arrivalQuestions, questions, type There } from './audit/questions.js'
import { recordAt } from './audit-records.js'

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    database: { type: 'string' },
    times: { type: 'string', default: '20' },
    threads: { type: 'string', default: '2' },
    copies: { type: 'string', default: '1' },
    verify: { type: 'boolean', default: false },
  },
})
const total = Number(values.records)
const copies = Number(values.copies)
/** Of which the rest are copies. */
const made = Math.floor(total / copies)
const times = Number(values.times)
const scratch = values.database === undefined ? mkdtempSync(join(tmpdir(), 'carnet-audit-bench-')) : undefined
const path = values.database ?? join(scratch as string, 'audit.sqlite')
const { clock, files } = ports
const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

await fill()
const store = await openStore({ path, migrations: auditRepositoryMigrations }, clock, files)
try {
  console.log(`size        ${await sizeOf(store)}`)
  search()
  await takeIn()
  if (values.verify) await verified()
} finally {
  await store.close()
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true })
}

/** What is measured here is not how they come in. */
async function fill(): Promise<void> {
  const there = await recordsIn(path)
  if (there >= total) return
  const began = cpuMs()
  const original = copies === 1 ? path : `${path}.original`
  const from = await recordsIn(original)
  await fillAudit(
    { path: original, from, to: made, total: made, threads: Number(values.threads) },
    progress(from, made),
  )
  if (copies > 1) {
    await copyAudit({ from: original, path, records: made, copies }, progress(0, total))
    rmSync(original)
  }
  const each = (1000 * (cpuMs() - began)) / (total - there)
  console.log(`filled      ${total - there} records, ${each.toFixed(0)} µs of CPU each`)
}

async function recordsIn(file: string): Promise<number> {
  const opened = await openStore({ path: file, migrations: auditRepositoryMigrations }, clock, files)
  const there = Number(opened.prepare('SELECT coalesce(max(id), 0) AS id FROM audit_record').get()?.id)
  await opened.close()
  return there
}

function progress(from: number, all: number): (done: number) => void {
  const beganMs = performance.now()
  return done => {
    if (done % 100_000 !== 0 && done !== all) return
    const left = ((performance.now() - beganMs) / (done - from)) * (all - done)
    console.log(`filled      ${done} of ${all}, some ${Math.ceil(left / 60_000)} minutes left`)
  }
}

async function sizeOf(store: Store): Promise<string> {
  store.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
  const bytes = statSync(path).size
  let raw = 0
  for (let n = 0; n < 1_000; n += 1) raw += recordAt(n, total).frame.length
  return `${Math.round(bytes / total)} bytes a record, of which the frame had ${Math.round(raw / 1_000)} (${Math.round(bytes / 2 ** 20)} MiB in all)`
}

/** The first of each is asked while nothing of it is in memory yet, as far as the machine has not kept the file. */
function search(): void {
  const timeOf = store.prepare('SELECT event_ms AS ms FROM audit_record WHERE id = ?')
  const there: There = { total, made, timeOf: id => timeOf.get<{ ms: number }>(id)?.ms ?? 0 }
  console.log(`\n| newest events first | first | median | worst of ${times} | CPU, median | found | to be looked on |`)
  console.log('|---|---|---|---|---|---|---|')
  for (const [what, query] of questions(there)) {
    askOften(what, n => {
      const { records, next } = findRecords(store, query(n), { limit: 100 }, clock)
      return { found: records.length, goesOn: records.length < 100 && next !== undefined }
    })
  }
  console.log(`\n| counted, up to 10,000 | first | median | worst of ${times} | CPU, median | found | more |`)
  console.log('|---|---|---|---|---|---|---|')
  for (const [what, query] of questions(there)) {
    askOften(what, n => {
      const { count, exact } = countRecords(store, query(n), {}, clock)
      return { found: count, goesOn: !exact }
    })
  }
  console.log(`\n| in order of arrival | first | median | worst of ${times} | CPU, median | found | to be looked on |`)
  console.log('|---|---|---|---|---|---|---|')
  for (const [what, asked] of arrivalQuestions(there)) {
    askOften(what, n => {
      const { records, next } = searchAuditPage(store, { limit: 100, ...asked(n) })
      return {
        found: records.length,
        goesOn: records.length < 100 && next !== undefined && next !== records.at(-1)?.id,
      }
    })
  }
}

function askOften(what: string, ask: (n: number) => { found: number; goesOn: boolean }): void {
  const took: number[] = []
  const cost: number[] = []
  let [all, more] = [0, 0]
  for (let n = 0; n < times; n += 1) {
    const began = performance.now()
    const beganCpu = cpuMs()
    const { found, goesOn } = ask(n)
    took.push(performance.now() - began)
    cost.push(cpuMs() - beganCpu)
    all += found
    more += Number(goesOn)
  }
  const [first = 0] = took
  for (const each of [took, cost]) each.sort((one, other) => one - other)
  const [median = 0, worst = 0, cpu = 0] = [took[Math.floor(times / 2)], took.at(-1), cost[Math.floor(times / 2)]]
  const ms = [first, median, worst, cpu].map(each => `${each.toFixed(1)} ms`).join(' | ')
  console.log(`| ${what} | ${ms} | ${(all / times).toFixed(0)} | ${more} |`)
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
