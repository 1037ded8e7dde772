// A copy of the repository's database in a backup: which documents belong to it, and those of them that were removed while it was
// made. Nobody runs on such a copy; the databases of running services are theirs alone. docs/decisions/0240.
import { connect } from '../../store/sqlite-driver.js'
import { inFile } from '../content-files.js'

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

const pageRows = 500

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

/**
 * Answers to submissions whose SubmissionSet the registry of the same backup does not have: they were acknowledged after it was copied. Were
 * they given again to a source that sends them again, nobody would ever register these documents. @returns how many.
 */
export async function forgetAnswers(database: string, isRegistered: (setUniqueId: string) => boolean): Promise<number> {
  const connection = await connect(database)
  let forgotten = 0
  try {
    connection.exec('BEGIN IMMEDIATE')
    const registered = connection.prepare(registeredAfter)
    const forget = connection.prepare('UPDATE submission SET settled_ms = NULL WHERE rowid = ?')
    for (let after = 0, more = true; more; ) {
      const page = registered.all(after, pageRows) as { rowid: number; uniqueId: string }[]
      for (const { rowid, uniqueId } of page)
        if (!isRegistered(uniqueId)) forgotten += Number(forget.run(rowid).changes)
      after = page.at(-1)?.rowid ?? after
      more = page.length === pageRows
    }
    connection.exec('COMMIT')
    return forgotten
  } finally {
    connection.close()
  }
}

const registeredAfter = `SELECT rowid, unique_id AS uniqueId FROM submission
  WHERE rowid > ? AND state = 'registered' AND unique_id IS NOT NULL ORDER BY rowid LIMIT ?`

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
