// What an extension that spreads tables over machines (Citus) asks of them, read from the catalog of plain PostgreSQL, for the very
// statements that docs/SCALING.md gives to operators.
import { expect } from 'chai'
import { postgresOutboxMigrations } from '../../../atna-audit/postgres-outbox.js'
import { systemPorts } from '../../../ports/ports.js'
import { lookupTables, registryMigrations, tablesByPatient } from '../../../registry/postgres/migrations.js'
import { openPostgres } from '../../../store/postgres/open-postgres.js'
import { needsPostgres, theCluster } from '../../store/postgres/a-cluster.js'

/** What stays on the coordinator. */
const local = ['audit_outbox', 'carnet_migrations', 'read_only', 'used_assertions']

describe('the tables of a registry, spread over machines', function () {
  this.timeout(120_000)
  let database: string
  let distributed: { name: string; by: string; colocated: string }[]
  let reference: string[]

  const run = async <Row>(sql: string) => (await (await theCluster()).run(sql, database)) as Row[]

  before(async function () {
    needsPostgres(this)
    const cluster = await theCluster()
    database = await cluster.create()
    const migrations = [...postgresOutboxMigrations, ...registryMigrations]
    await (await openPostgres({ server: cluster.server(database), migrations, connections: 2 }, systemPorts)).close()
    await run(standIns)
    const page = String(await systemPorts.files.readFile('docs/SCALING.md'))
    const statements = page.match(/```sql\n([^`]*create_distributed_table[^`]*)```/)?.[1] ?? ''
    await run(statements)
    const said = await run<{ name: string; by: string | null; colocated: string }>('SELECT * FROM said')
    distributed = said.flatMap(({ by, ...rest }) => (by === null ? [] : [{ ...rest, by }]))
    reference = said.filter(({ by }) => by === null).map(({ name }) => name)
  })

  it('are all named by the statements for operators, but for those that stay where they are', async () => {
    const all = await run<{ name: string }>(`SELECT c.relname::text AS name FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'said'`)
    const named = [...distributed.map(({ name }) => name), ...reference, ...local]
    expect(named.sort()).to.deep.equal(all.map(({ name }) => name).sort())
  })

  it('lie by patient together, and by their ids where they lead from these', () => {
    const together = distributed.filter(({ colocated }) => colocated !== 'none')
    expect(together.map(({ name }) => name)).to.have.members(tablesByPatient)
    expect(new Set(together.map(({ by }) => by))).to.deep.equal(new Set(['patient']))
    const alone = distributed.filter(({ colocated }) => colocated === 'none').map(({ name }) => name)
    expect(alone).to.include.members([...lookupTables])
  })

  it('have the column by which they are distributed in every unique constraint, filled, and in the key of their partitions', async () => {
    for (const { name, by } of distributed) {
      const unique = await run<{ index: string; columns: string[] }>(`SELECT i.indexrelid::regclass::text AS index,
          array_agg(a.attname::text) AS columns
        FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
        WHERE i.indisunique AND i.indrelid = '${name}'::regclass GROUP BY i.indexrelid`)
      expect(unique, name).to.have.length.greaterThan(0)
      for (const { index, columns } of unique) expect(columns, index).to.include(by)
      const [column] = await run<{ filled: boolean; deterministic: boolean }>(`SELECT a.attnotnull AS filled,
          coalesce(c.collisdeterministic, true) AS deterministic
        FROM pg_attribute a LEFT JOIN pg_collation c ON c.oid = a.attcollation
        WHERE a.attrelid = '${name}'::regclass AND a.attname = '${by}'`)
      expect(column, name).to.deep.equal({ filled: true, deterministic: true })
      const [partitioned] = await run<{ key: string | null }>(`SELECT pg_get_partkeydef('${name}'::regclass) AS key`)
      if (partitioned?.key != null) expect(partitioned.key).to.equal(`HASH (${by})`)
    }
  })

  it('that lie together have one type of that column', async () => {
    const types = await run<{ type: string }>(`SELECT DISTINCT format_type(a.atttypid, a.atttypmod) AS type
      FROM pg_attribute a WHERE a.attname = 'patient' AND a.attrelid IN (${tablesByPatient.map(name => `'${name}'::regclass`)})`)
    expect(types).to.deep.equal([{ type: 'bigint' }])
  })

  it('refer to none that lies elsewhere, and have no trigger, rule or sequence that would have to be one for all', async () => {
    const count = async (sql: string) =>
      (await run<{ count: string }>(`SELECT count(*) AS count FROM ${sql}`))[0]?.count
    expect(Number(await count(`pg_constraint WHERE contype = 'f'`))).to.equal(0)
    expect(Number(await count('pg_trigger WHERE NOT tgisinternal'))).to.equal(0)
    const names = distributed.map(({ name }) => `'${name}'::regclass`)
    expect(
      Number(await count(`pg_attribute WHERE attrelid IN (${names}) AND (atthasdef OR attidentity <> '')`)),
    ).to.equal(0)
  })
})

/** In the place of the extension's functions: they write down what they were told. */
const standIns = `
  CREATE TABLE said (name text NOT NULL, by text, colocated text NOT NULL);
  CREATE FUNCTION create_distributed_table(name regclass, by text, colocate_with text DEFAULT 'default') RETURNS void
    LANGUAGE sql AS 'INSERT INTO said VALUES (name::text, by, colocate_with)';
  CREATE FUNCTION create_reference_table(name regclass) RETURNS void
    LANGUAGE sql AS 'INSERT INTO said VALUES (name::text, NULL, '''')'`
