import { expect } from 'chai'
import { postgresOutboxMigrations } from '../../../atna-audit/postgres-outbox.js'
import { systemPorts } from '../../../ports/ports.js'
import { registryMigrations } from '../../../registry/postgres/migrations.js'
import { repositoryMigrations } from '../../../repository/postgres/migrations.js'
import { openPool } from '../../../store/postgres/connections.js'
import { migrate, type PostgresMigration } from '../../../store/postgres/migrate.js'
import { assertEmptyDatabase, type EmptyDatabase, fillDatabase } from '../../../store/postgres/tables-in.js'
import { type SchemaHead, type TableHead, tablesMadeBy, tablesOut } from '../../../store/postgres/tables-out.js'
import { until } from '../../house/waiting.js'
import { type Cluster, needsPostgres, theCluster } from './a-cluster.js'

const things: PostgresMigration = {
  name: 'things-0001',
  postgres: [
    `CREATE TABLE thing (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, words text, bytes bytea, at timestamptz,
      many text[] NOT NULL DEFAULT '{}', code uuid, yes boolean)`,
    'CREATE TABLE spread (patient bigint NOT NULL, object bigint NOT NULL, PRIMARY KEY (patient, object)) PARTITION BY HASH (patient)',
    ...[0, 1].map(n => `CREATE TABLE spread_${n} PARTITION OF spread FOR VALUES WITH (MODULUS 2, REMAINDER ${n})`),
  ],
}
const later: PostgresMigration = {
  name: 'things-0002',
  postgres: ['ALTER TABLE thing ADD COLUMN added text', `UPDATE thing SET added = 'by the step'`],
}

interface Taken {
  schema: SchemaHead
  tables: { table: TableHead; pieces: Buffer[]; rows: number; sha256: string }[]
  list: string
}

describe('the tables of a database on a server', function () {
  this.timeout(120_000)
  let cluster: Cluster
  before(async function () {
    needsPostgres(this)
    cluster = await theCluster()
  })

  async function made(migrations: readonly PostgresMigration[]): Promise<string> {
    const database = await cluster.create()
    const pool = openPool(cluster.server(database), systemPorts.network, {
      connections: 1,
      waitMs: 5_000,
      settings: {},
    })
    const line = await pool.connect()
    await migrate(line, database, migrations)
    line.release(true)
    await pool.close()
    return database
  }

  async function taken(
    database: string,
    migrations: readonly PostgresMigration[],
    { list, seen = async () => {} }: { list?: string; seen?: (kind: string) => Promise<unknown> } = {},
  ): Promise<Taken> {
    const all: Taken = { schema: { steps: [], sequences: [] }, tables: [], list: '' }
    const parts = tablesOut({ server: cluster.server(database), migrations, list }, systemPorts.network)
    for await (const part of parts) {
      await seen(part.kind)
      const last = all.tables.at(-1)
      if (part.kind === 'schema') all.schema = part.schema
      if (part.kind === 'table') all.tables.push({ table: part.table, pieces: [], rows: 0, sha256: '' })
      if (part.kind === 'piece') last?.pieces.push(part.bytes)
      if (part.kind === 'end' && last !== undefined) Object.assign(last, part.end)
      if (part.kind === 'list') for await (const lines of part.lines) all.list += String(lines)
    }
    return all
  }

  async function* each(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
    yield* pieces
  }

  const put =
    ({ tables }: Taken) =>
    async (database: EmptyDatabase) => {
      for (const { table, pieces, rows, sha256 } of tables) {
        expect(await database.copyIn(table, each(pieces)), table.name).to.equal(rows)
        expect((await database.read(table)).sha256, table.name).to.equal(sha256)
      }
    }

  const fill = (database: string, migrations: readonly PostgresMigration[], from: Taken) =>
    fillDatabase({ server: cluster.server(database), migrations, schema: from.schema }, systemPorts.network, put(from))

  const problemOf = (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => expect.fail('it did not fail'),
      problem => problem,
    )

  const someThings = `INSERT INTO thing (words, bytes, at, many, code, yes)
    SELECT E'a\\tb\\nc\\\\d \\u00e9 ' || n, decode(md5(n::text), 'hex'), 'epoch'::timestamptz + n * interval '1 microsecond',
      ARRAY['x', NULL, 'y"z', E'\\\\N'], md5(n::text)::uuid, CASE WHEN n % 3 = 0 THEN NULL ELSE n % 2 = 0 END
    FROM generate_series(1, 20000) n`

  it('come as they are into an empty one, with the numbers that were given, whatever they hold', async () => {
    const from = await made([things])
    await cluster.run(someThings, from)
    await cluster.run('INSERT INTO spread SELECT n, n * 2 FROM generate_series(1, 500) n', from)
    await cluster.run('DELETE FROM thing WHERE id > 19990', from)
    await cluster.run('CREATE TABLE of_somebody_else (a text)', from)
    const all = await taken(from, [things], { list: 'SELECT id FROM thing WHERE id <= 3 ORDER BY id' })
    expect(all.list).to.equal('1\n2\n3\n')
    expect(all.tables.map(({ table }) => [table.name, table.into])).to.deep.equal([
      ['spread_0', 'spread'],
      ['spread_1', 'spread'],
      ['thing', 'thing'],
    ])
    expect(all.tables.at(-1)?.pieces.length).to.be.greaterThan(3)
    const into = await cluster.create()
    await fill(into, [things], all)
    const digest = `SELECT md5(string_agg(t::text, '|' ORDER BY id)) AS digest, count(*) FROM thing t`
    expect(await cluster.run(digest, into)).to.deep.equal(await cluster.run(digest, from))
    expect(await cluster.run('SELECT sum(object) FROM spread', into)).to.deep.equal(
      await cluster.run('SELECT sum(object) FROM spread', from),
    )
    const [row] = await cluster.run(`INSERT INTO thing (words) VALUES ('next') RETURNING id`, into)
    expect(row?.id, 'no number is given twice').to.equal(20_001)
  })

  it('are those of one instant, whatever is written meanwhile', async () => {
    const from = await made([things])
    await cluster.run('INSERT INTO spread SELECT n, 0 FROM generate_series(1, 50) n', from)
    let number = 1_000
    // Two rows together, in two tables: a copy that has one has the other.
    const write = () =>
      cluster.run(
        `BEGIN; INSERT INTO spread VALUES (${++number}, 0); INSERT INTO thing (words) VALUES ('${number}');
         UPDATE spread SET object = object + 1 WHERE patient = 1; COMMIT`,
        from,
      )
    const all = await taken(from, [things], { seen: write })
    const into = await cluster.create()
    await fill(into, [things], all)
    expect(await cluster.run('SELECT count(*) FROM spread', into)).to.deep.equal([{ count: 50 }])
    expect(await cluster.run('SELECT count(*) FROM thing', into)).to.deep.equal([{ count: 0 }])
    expect(number).to.be.greaterThan(1_005)
  })

  it('are the same pieces again but for what has changed, in whatever order others read', async () => {
    const from = await made([things])
    await cluster.run(someThings, from)
    const first = await taken(from, [things])
    await cluster.run(`UPDATE thing SET words = 'other' WHERE id = 100`, from)
    await cluster.run(`INSERT INTO thing (words) VALUES ('new')`, from)
    const second = await taken(from, [things], { seen: () => cluster.run('SELECT count(*) FROM thing', from) })
    const known = new Set(first.tables.flatMap(({ pieces }) => pieces.map(String)))
    const pieces = second.tables.flatMap(table => table.pieces)
    expect(pieces.length).to.be.greaterThan(8)
    expect(pieces.filter(piece => !known.has(String(piece))).length).to.be.within(1, 4)
  })

  it('come from an older schema into this one, its later steps taken on what came', async () => {
    const from = await made([things])
    await cluster.run(someThings, from)
    const all = await taken(from, [things])
    const into = await cluster.create()
    await fill(into, [things, later], all)
    expect(await cluster.run('SELECT DISTINCT added FROM thing', into)).to.deep.equal([{ added: 'by the step' }])
    const again = await taken(into, [things, later])
    expect(again.schema.steps).to.deep.equal(['things-0001', 'things-0002'])
    const newer = await problemOf(fill(await cluster.create(), [things], again))
    expect(newer.message).to.contain('newer version of Carnet (its step things-0002 is unknown here)')
  })

  it('come into no database that has something, and nothing stays of what cannot come whole', async () => {
    const from = await made([things])
    await cluster.run(someThings, from)
    const all = await taken(from, [things])
    expect((await problemOf(fill(from, [things], all))).message).to.contain('is not empty (it has "carnet_migrations")')
    const server = cluster.server(await cluster.create())
    const spoilt = all.tables.map(table => ({ ...table, pieces: [...table.pieces, Buffer.from('no\tsuch\trow\n')] }))
    await problemOf(
      fillDatabase(
        { server, migrations: [things], schema: all.schema },
        systemPorts.network,
        put({ ...all, tables: spoilt }),
      ),
    )
    async function* broken(): AsyncGenerator<Buffer> {
      yield* all.tables.at(-1)?.pieces.slice(0, 2) ?? []
      throw new Error('the third piece is damaged')
    }
    const problem = await problemOf(
      fillDatabase({ server, migrations: [things], schema: all.schema }, systemPorts.network, async database => {
        await database.copyIn(all.tables.at(-1)?.table ?? expect.fail(), broken())
      }),
    )
    expect(problem.message).to.equal('the third piece is damaged')
    await assertEmptyDatabase(server, systemPorts.network)
    await fill(server.database, [things], all)
  })

  it('let go of the server when whoever takes them goes away in the middle', async () => {
    const from = await made([things])
    await cluster.run(someThings, from)
    const parts = tablesOut({ server: cluster.server(from), migrations: [things] }, systemPorts.network)
    for await (const part of parts) if (part.kind === 'piece') break
    const busy = `SELECT count(*) FROM pg_stat_activity WHERE datname = '${from}' AND query LIKE 'COPY%' AND state = 'active'`
    await until(async () => (await cluster.run(busy))[0]?.count === 0, 'the server is let go of')
  })

  it('are all that the steps of registry and repository make', async () => {
    for (const migrations of [
      [...postgresOutboxMigrations, ...registryMigrations],
      [...postgresOutboxMigrations, ...repositoryMigrations],
    ]) {
      const database = await made(migrations)
      const rows = await cluster.run(
        `SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relname <> 'carnet_migrations'`,
        database,
      )
      expect(tablesMadeBy(migrations)).to.have.members(rows.map(({ name }) => name))
    }
  })
})
