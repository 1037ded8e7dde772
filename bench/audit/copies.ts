// A database of very many records out of one of fewer: the same weeks again and again, each some 25 days before the other. A stretch of the
// index is that long, so that the rows of the index keep their order and nothing has to be sorted. Copies have the frames, and the hashes
// of the leaves, of what they were copied from: they can be searched, not verified.
import { stretchMs } from '../../atna-audit/repository/term-keys.js'
import { connect } from '../../store/sqlite-driver.js'

export interface Copying {
  /** What is copied; its records have the ids 1 to `records`. */
  from: string
  /** Where to; the tables are there, and empty. */
  path: string
  records: number
  copies: number
}

/** The oldest first. */
export async function copyAudit(
  { from, path, records, copies }: Copying,
  progress: (done: number) => void,
): Promise<void> {
  const connection = await connect(path)
  connection.exec(`PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 20000; PRAGMA cache_size = -400000;
    ATTACH '${from.replaceAll("'", "''")}' AS original`)
  for (let copy = copies - 1; copy >= 0; copy -= 1) {
    const before = copy * stretchMs
    const first = (copies - 1 - copy) * records
    const seconds = Math.floor(before / 1000)
    connection.exec(`BEGIN;
      INSERT INTO main.audit_record (id, received_ms, event_ms, origin, event, type, action, outcome, source, host, problem, digest, form, frame)
        SELECT id + ${first}, received_ms - ${before}, event_ms - ${before}, origin, event, type, action, outcome, source, host, problem,
          digest - ${seconds} * 1048576, form, frame FROM original.audit_record ORDER BY id;
      INSERT INTO main.audit_leaf (id, hash) SELECT id + ${first}, hash FROM original.audit_leaf ORDER BY id;
      INSERT INTO main.audit_term (term, at, record)
        SELECT term - (${copy} << 52), at, record + ${first} FROM original.audit_term ORDER BY term, at, record;
      COMMIT`)
    progress(first + records)
  }
  connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
  connection.close()
}
