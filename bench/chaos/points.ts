// Loaded into a service before it runs (`node --import`), never without being asked for: every durable step that it makes passes
// a point with a label, and at the one that is wanted the process is gone, as by kill -9. The steps are those of the ports: files,
// and commits, which are named by the tables they write.
import { appendFileSync, readFileSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type EngineConnection, type OpenFile, systemFiles } from '../../ports/files.js'
import { commitLabel, placeLabel, tableWrittenBy } from '../../simulation/labels.js'
import { controlVariable, duringFile, killedFile, passedFile, wantedFile } from './wanted-point.js'

const control = process.env[controlVariable]
const service = ['registry', 'repository', 'atna-audit'].find(name => process.argv[2] === name)
if (control !== undefined && service !== undefined) watch(control, service)

function watch(controlFolder: string, name: string): void {
  const data = dirname(process.argv[process.argv.indexOf('--config') + 1] ?? '')
  const seen = new Set<string>()

  function pass(when: 'before' | 'after', step: string): void {
    const label = `${name}: ${when} ${step}`
    const { wanted, during } = wantedIn(controlFolder)
    const entry = `${during}\t${label}\n`
    if (!seen.has(entry)) appendFileSync(join(controlFolder, passedFile), entry)
    seen.add(entry)
    if (wanted !== label) return
    unlinkSync(join(controlFolder, wantedFile))
    appendFileSync(join(controlFolder, killedFile), `${label}\n`)
    process.kill(process.pid, 'SIGKILL')
  }

  async function step<Result>(what: string, path: string, work: () => Promise<Result>): Promise<Result> {
    const where = placeLabel(path === data ? 'the data folder' : path.replace(`${data}/`, ''))
    // Lines of a log are nobody's durable step.
    if (where.endsWith('.log')) return work()
    pass('before', `${what} ${where}`)
    const result = await work()
    pass('after', `${what} ${where}`)
    return result
  }

  const given = { ...systemFiles }
  const file = <Opened extends OpenFile & { writeAt?(position: number, bytes: Uint8Array): Promise<void> }>(
    path: string,
    opened: Opened,
  ): Opened => ({
    ...opened,
    write: bytes => step('write', path, () => opened.write(bytes)),
    sync: () => step('sync', path, () => opened.sync()),
    ...(opened.writeAt === undefined
      ? {}
      : { writeAt: (at: number, bytes: Uint8Array) => step('write', path, () => opened.writeAt!(at, bytes)) }),
  })
  Object.assign(systemFiles, {
    create: (path, options) => step('create', path, async () => file(path, await given.create(path, options))),
    change: async path => file(path, await given.change(path)),
    changeThrough: async path => file(path, await given.changeThrough(path)),
    append: async path => file(path, await given.append(path)),
    rename: (from, to) => step('rename to', to, () => given.rename(from, to)),
    renameAndSync: (from, to) => step('rename to', to, () => given.renameAndSync(from, to)),
    remove: path => step('remove', path, () => given.remove(path)),
    syncFile: path => step('sync', path, () => given.syncFile(path)),
    syncFolder: path => step('sync names of', path, () => given.syncFolder(path)),
    makeFolder: (path, options) => step('make', path, () => given.makeFolder(path, options)),
    beneathEngine: (path, connection) => (path.endsWith('.lock') ? connection : engine(connection)),
  } satisfies Partial<typeof systemFiles>)

  function engine<Connection extends EngineConnection>(connection: Connection): Connection {
    const tables = new Set<string>()
    return {
      exec(sql: string) {
        if (sql === 'BEGIN IMMEDIATE') tables.clear()
        if (sql !== 'COMMIT') return connection.exec(sql)
        const what = commitLabel(tables)
        pass('before', what)
        connection.exec(sql)
        pass('after', what)
      },
      prepare(sql: string) {
        const statement = connection.prepare(sql)
        const table = tableWrittenBy(sql)
        const noted =
          <Given extends unknown[], Result>(work: (...values: Given) => Result) =>
          (...values: Given): Result => {
            if (table !== undefined) tables.add(table)
            return work(...values)
          }
        return {
          run: noted((...values: never[]) => statement.run(...values)),
          get: noted((...values: never[]) => statement.get(...values)),
          all: noted((...values: never[]) => statement.all(...values)),
          iterate: noted((...values: never[]) => statement.iterate(...values)),
        }
      },
      close: () => connection.close(),
    } as Connection
  }
}

function wantedIn(controlFolder: string): { wanted: string; during: string } {
  const read = (name: string) => {
    try {
      return readFileSync(join(controlFolder, name), 'utf8')
    } catch {
      return ''
    }
  }
  return { wanted: read(wantedFile), during: read(duringFile) }
}
