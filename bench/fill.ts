// A registry with as many entries as one likes, in a minute: thirty entries are registered as anybody registers them, and their rows
// copied in the database, with keys and ids of their own. What is copied is what the tables have, whatever they are.
import { systemPorts } from '../ports/ports.js'
import { firstKeyOf, lastKeyOf } from '../registry/tables/keys.js'
import { openPool, type PostgresServer } from '../store/postgres/connections.js'
import { connect } from '../store/sqlite-driver.js'
import { type Message, register } from './messages.js'

export interface Filling {
  /** Entries of patients who have thirty each: P1, P2 … */
  entries: number
  /** Entries of one patient beside them, MANY. */
  ofOnePatient: number
}

/** Where the tables are. */
export interface Tables {
  run(sql: string): Promise<Record<string, unknown>[]>
  /** Columns of all tables that have rows of objects. */
  columns(): Promise<{ table: string; column: string }[]>
  engine: 'sqlite' | 'postgres'
  close(): Promise<void>
}

const entriesPerPatient = 30
const authority = '^^^&2.999.1&ISO'
export const patientAt = (number: number) => `P${number}${authority}`
export const patientWithMany = `MANY${authority}`
export const patientsIn = ({ entries }: Filling) => Math.ceil(entries / entriesPerPatient)

const sample = { patient: 'SAMPLEPATIENT', uuid: 'c0b1e5a7', oid: '2.999.4040404040.' }
const samplePatientId = `${sample.patient}${authority}`

/** What the service is sent before it is stopped and its tables are filled. */
export function sampleSubmissions(repositoryUniqueId: string): Message[] {
  return Array.from({ length: entriesPerPatient }, (_, index) => {
    const { contentType, body } = register({
      uniqueId: `${sample.oid}1.${index + 1}`,
      submissionSetUniqueId: `${sample.oid}2.${index + 1}`,
      patientId: samplePatientId,
      repositoryUniqueId,
      hash: '0'.repeat(40),
      sizeBytes: 10_240,
    })
    return { contentType, body: Buffer.from(withMarkedIds(body.toString())) }
  })
}

/** Ids of objects and of their parts begin alike, so that each copy replaces that beginning. */
function withMarkedIds(envelope: string): string {
  const ids = new Set([...envelope.matchAll(/ id="(urn:uuid:[0-9a-f-]{36})"/g)].map(([, id]) => id ?? ''))
  let marked = envelope
  for (const id of ids) marked = marked.replaceAll(id, `urn:uuid:${sample.uuid}${id.slice(17)}`)
  return marked
}

const copiesAtOnce = 500

export async function fill(tables: Tables, filling: Filling, progress: (line: string) => void): Promise<void> {
  const { run, engine } = tables
  const [row] = await run(`SELECT patient FROM patients WHERE id = '${samplePatientId}'`)
  const from = Number(row?.patient)
  const copied = await copiedTables(tables, from)
  const [last] = await run('SELECT max(patient) AS patient FROM patients')
  const numberOf = (patient: number) => Number(last?.patient) + patient
  const patients = patientsIn(filling)
  const many = numberOf(patients + 1)
  const copiesOfMany = Math.ceil(filling.ofOnePatient / entriesPerPatient)
  const objects = await mostObjects(tables, from)

  await run('CREATE TEMPORARY TABLE copies (number integer, marker text, shift bigint, name text, patients bigint)')
  await run(
    counting(
      engine,
      patients,
      `number, ${markerOf(engine, 'number')}, (${numberOf(0)} - ${from} + number) * ${firstKeyOf(1)}, 'P' || number, ${numberOf(0)} - ${from} + number`,
    ),
  )
  await run(
    counting(
      engine,
      copiesOfMany,
      `number + ${patients}, ${markerOf(engine, `number + ${patients}`)}, ${(many - from) * firstKeyOf(1)} + (number - 1) * ${objects}, 'MANY', ${many - from}`,
    ),
  )
  await addPatients(tables, objects, copiesOfMany)
  const total = patients + copiesOfMany
  for (let done = 0; done < total; done += copiesAtOnce) {
    progress(`filling: ${Math.round((done / total) * 100)} %`)
    await run('BEGIN')
    for (const { insertion } of copied) {
      await run(`${insertion} WHERE c.number > ${done} AND c.number <= ${done + copiesAtOnce}`)
    }
    await run('COMMIT')
  }
  await run('DROP TABLE copies')
}

/** A fresh number of each copy, 8 hexadecimal digits that are spread over all there are. */
function markerOf(engine: Tables['engine'], number: string): string {
  const spread = `(${number}) * 2654435761`
  return engine === 'sqlite'
    ? `printf('%08x', (${spread}) & 4294967295)`
    : `lpad(to_hex((${spread}::bigint) & 4294967295), 8, '0')`
}

function counting(engine: Tables['engine'], upTo: number, columns: string): string {
  if (engine === 'postgres')
    return `INSERT INTO copies SELECT ${columns} FROM generate_series(1, ${upTo}::bigint) AS g(number)`
  return `WITH RECURSIVE g(number) AS (SELECT 1 WHERE ${upTo} > 0 UNION ALL SELECT number + 1 FROM g WHERE number < ${upTo})
    INSERT INTO copies SELECT ${columns} FROM g`
}

async function addPatients({ run, engine }: Tables, objects: number, copiesOfMany: number): Promise<void> {
  const overriding = engine === 'postgres' ? ' OVERRIDING SYSTEM VALUE' : ''
  const [sampled] = await run(`SELECT patient FROM patients WHERE id = '${samplePatientId}'`)
  const own = `${Number(sampled?.patient)} + patients`
  const counted = engine === 'postgres' ? `, ${objects} * CASE WHEN name = 'MANY' THEN ${copiesOfMany} ELSE 1 END` : ''
  await run(`INSERT INTO patients (patient, id, survivor${engine === 'postgres' ? ', objects' : ''})${overriding}
    SELECT DISTINCT ${own}, name || '${authority}', ${own}${counted} FROM copies`)
  if (engine === 'postgres') {
    await run(`SELECT setval(pg_get_serial_sequence('patients', 'patient'), (SELECT max(patient) FROM patients))`)
  }
}

async function mostObjects({ run }: Tables, patient: number): Promise<number> {
  let most = 0
  for (const table of ['document_entries', 'submission_sets', 'folders', 'associations']) {
    const [row] = await run(`SELECT max(object) AS most FROM ${table} WHERE ${within(patient)}`)
    most = Math.max(most, Number(row?.most ?? 0))
  }
  return most - firstKeyOf(patient) + 1
}

const within = (patient: number) => `object BETWEEN ${firstKeyOf(patient)} AND ${lastKeyOf(patient)}`

interface Copied {
  insertion: string
}

async function copiedTables({ run, columns, engine }: Tables, patient: number): Promise<Copied[]> {
  const byTable = new Map<string, string[]>()
  for (const { table, column } of await columns()) byTable.set(table, [...(byTable.get(table) ?? []), column])
  const copied: Copied[] = []
  for (const [table, names] of byTable) {
    if (!names.includes('object') || table === 'copies') continue
    await run(`CREATE TEMPORARY TABLE sample_${table} AS SELECT * FROM ${table} WHERE ${within(patient)}`)
    const values = names.map(name => copyOf(name, engine))
    copied.push({
      insertion: `INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM copies c CROSS JOIN sample_${table} o`,
    })
  }
  return copied
}

function copyOf(column: string, engine: Tables['engine']): string {
  if (['object', 'source', 'target'].includes(column)) return `o.${column} + c.shift`
  if (column === 'patient') return 'o.patient + c.patients'
  if (['entry_uuid', 'lid', 'unique_id'].includes(column)) return replaced(`o.${column}`)
  if (column !== 'body') return `o.${column}`
  return engine === 'sqlite' ? `CAST(${replaced(`CAST(o.${column} AS TEXT)`)} AS BLOB)` : replaced(`o.${column}`)
}

function replaced(text: string): string {
  const uuids = `replace(${text}, '${sample.uuid}', c.marker)`
  const oids = `replace(${uuids}, '${sample.oid}', '2.999.' || (5000000000 + c.number) || '.')`
  return `replace(${oids}, '${sample.patient}^', c.name || '^')`
}

/** Nobody else may have the file open. */
export async function sqliteTables(path: string): Promise<Tables> {
  const connection = await connect(path)
  connection.exec(
    'PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 20000',
  )
  return {
    engine: 'sqlite',
    run: async sql => connection.prepare(sql).all() as Record<string, unknown>[],
    columns: async () =>
      connection
        .prepare(
          `SELECT m.name AS "table", p.name AS "column" FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'`,
        )
        .all() as { table: string; column: string }[],
    async close() {
      connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
      connection.close()
    },
  }
}

export async function postgresTables(server: PostgresServer): Promise<Tables> {
  const pool = openPool(server, systemPorts.network, {
    connections: 1,
    waitMs: 10_000,
    settings: { synchronous_commit: 'off' },
  })
  const line = await pool.connect()
  const run = async (text: string) => (await line.query({ text })).rows
  return {
    engine: 'postgres',
    run,
    columns: async () =>
      (await run(
        `SELECT c.relname AS "table", a.attname AS "column" FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum`,
      )) as { table: string; column: string }[],
    async close() {
      await run('VACUUM ANALYZE')
      line.release(true)
      await pool.close()
    },
  }
}
