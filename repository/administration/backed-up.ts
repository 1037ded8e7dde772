// A copy of the repository's database in a backup: which documents belong to it, and those of them that were removed while it was
// made. Nobody runs on such a copy; the databases of running services are theirs alone. docs/decisions/0240.
import type { Session } from '../../store/postgres/session.js'
import { connect } from '../../store/sqlite-driver.js'
import { inFile } from '../content-files.js'

const pageRows = 500

export interface BackedUpDocument {
  id: string
  sizeBytes: number
  /** Of the bytes as they were received. */
  sha256: string
}

/** Documents whose bytes are not in the database itself, in the order of their ids. */
export async function* documentsIn(database: string): AsyncGenerator<BackedUpDocument> {
  const connection = await connect(database, { readOnly: true })
  try {
    // In pages: a statement that is read while others work may be collected, and its rows with it.
    for (let after = ''; ; ) {
      const page = connection.prepare(documentsOutside).all(after, pageRows) as BackedUpDocument[]
      yield* page
      const last = page.at(-1)
      if (last === undefined) return
      after = last.id
    }
  } finally {
    connection.close()
  }
}

/** The same as a backup has them, a line each. */
export async function* documentLines(database: string): AsyncGenerator<Buffer> {
  const lines: string[] = []
  for await (const { id, sizeBytes, sha256 } of documentsIn(database)) {
    lines.push(`${id} ${sizeBytes} ${sha256}\n`)
    if (lines.length === pageRows) yield Buffer.from(lines.splice(0).join(''))
  }
  if (lines.length > 0) yield Buffer.from(lines.join(''))
}

/** And where they are on a server. */
export const documentLinesOnServer = `SELECT d.id || ' ' || d.size || ' ' || d.sha256 FROM document d
  WHERE NOT EXISTS (SELECT 1 FROM removal r WHERE r.document_id = d.id) ORDER BY d.id`

const documentsOutside = `SELECT d.id, d.size AS sizeBytes, d.sha256 FROM document d
  WHERE d.id > ? AND d.content IS NULL AND NOT EXISTS (SELECT 1 FROM removal r WHERE r.document_id = d.id) ORDER BY d.id LIMIT ?`

/** Whoever starts on this copy takes them out for good. That they were removed is written down where it was done. */
export async function markRemoved(database: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const connection = await connect(database)
  try {
    connection.exec('BEGIN IMMEDIATE')
    const insert = connection.prepare("INSERT OR REPLACE INTO removal (document_id, audit) VALUES (?, '[]')")
    for (const id of ids) insert.run(id)
    connection.exec('COMMIT')
  } finally {
    connection.close()
  }
}

/** Answers that would be given again to a source that sends its submission again. */
export interface BackedUpAnswers {
  /** In the order of their ids. */
  after(id: string): Promise<{ id: string; uniqueId: string }[]>
  forget(ids: string[]): Promise<void>
}

/**
 * Of submissions whose SubmissionSet the registry of the same backup does not have: they were acknowledged after it was copied. Were
 * these answers given again, nobody would ever register the documents. @returns how many.
 */
export async function forgetAnswers(
  answers: BackedUpAnswers,
  registeredAmong: (setUniqueIds: string[]) => Promise<ReadonlySet<string>>,
): Promise<number> {
  let forgotten = 0
  for (let page = await answers.after(''); page.length > 0; page = await answers.after(page.at(-1)?.id ?? '')) {
    const known = await registeredAmong(page.map(({ uniqueId }) => uniqueId))
    const unknown = page.filter(({ uniqueId }) => !known.has(uniqueId)).map(({ id }) => id)
    if (unknown.length > 0) await answers.forget(unknown)
    forgotten += unknown.length
  }
  return forgotten
}

export async function answersIn(database: string): Promise<BackedUpAnswers & { close(): void }> {
  const connection = await connect(database)
  const registered = connection.prepare(registeredAfter)
  const forget = connection.prepare('UPDATE submission SET settled_ms = NULL WHERE id = ?')
  return {
    after: async id => registered.all(id) as { id: string; uniqueId: string }[],
    async forget(ids) {
      connection.exec('BEGIN IMMEDIATE')
      for (const id of ids) forget.run(id)
      connection.exec('COMMIT')
    },
    close: () => connection.close(),
  }
}

export function answersOnServer(session: Session): BackedUpAnswers {
  return {
    after: id => session.query<{ id: string; uniqueId: string }>(registeredAfter, id),
    async forget(ids) {
      await session.query('UPDATE submission SET settled_ms = NULL WHERE id = ANY (?::text[])', ids)
    },
  }
}

const registeredAfter = `SELECT id, unique_id AS "uniqueId" FROM submission
  WHERE id > ? AND state = 'registered' AND unique_id IS NOT NULL ORDER BY id LIMIT ${pageRows}`

/** In a backup every document that is not in a row is a file, whatever kept it where it came from. */
export async function placeInFiles(database: string): Promise<void> {
  const connection = await connect(database)
  try {
    const columns = connection.prepare('PRAGMA table_info(document)').all() as { name: string }[]
    // Before places were written down it could be nothing else.
    if (!columns.some(({ name }) => name === 'place')) return
    connection.prepare('UPDATE document SET place = ? WHERE content IS NULL').run(inFile)
    // As they were received, so that no key is needed for them.
    const tables = connection.prepare("SELECT name FROM sqlite_master WHERE name = 'document_key'").all()
    if (tables.length > 0) connection.exec('DELETE FROM document_key')
    // They are in another folder, which gets a mark of its own.
    const folders = connection.prepare("SELECT name FROM sqlite_master WHERE name = 'documents_folder'").all()
    if (folders.length > 0) connection.exec('DELETE FROM documents_folder')
  } finally {
    connection.close()
  }
}

/** The same in a restored database on a server, before anybody starts on it: whatever brought it there. */
export const placeInFilesOnServer = `UPDATE document SET place = '${inFile}'; DELETE FROM loose_content; DELETE FROM document_key; UPDATE repository_identity SET folder_id = NULL;`

/** Documents that were removed while a backup was made; no process has this number, so that the first to start finishes it. */
export const markRemovedOnServer = `INSERT INTO removal (document_id, owner, audit) SELECT d.id, 0, '[]' FROM document d
  WHERE d.id = ANY (?::text[]) ON CONFLICT (document_id) DO NOTHING`
