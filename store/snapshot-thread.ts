// The inside of the thread that copies a database.
import { insideThread } from '../ports/threads.js'
import { inWords } from './failures.js'
import type { SnapshotWanted } from './snapshot.js'
import { connect } from './sqlite-driver.js'

const { database, into } = insideThread.data as SnapshotWanted
try {
  const connection = await connect(database, { readOnly: true })
  try {
    connection.prepare('VACUUM INTO ?').run(into)
  } finally {
    connection.close()
  }
  insideThread.send({})
} catch (problem) {
  insideThread.send({ failure: inWords(problem) })
}
insideThread.close()
