// Audit records that wait, on their way from one engine to the other: in a queue of nobody's on PostgreSQL, which the first process to start
// takes over; in one behind the other in the embedded database.
import { type Crossing, single } from '../store/crossing/crossing.js'

const noProcess = 0

export const outboxCrossing: Crossing = {
  table: 'audit_outbox',
  columns: { queue: 'number', id: 'number', queued_ms: 'number', frame: 'bytes' },
  order: 'queue, id',
  apart: ['queue', 'id'],
  embedded: {
    tables: { audit_outbox: ['id', 'queued_ms', 'frame'] },
    sources: [{ select: `${noProcess} AS queue, id, queued_ms, frame`, from: 'audit_outbox', key: ['id'] }],
    writer(database) {
      const insert = database.prepare('INSERT INTO audit_outbox (id, queued_ms, frame) VALUES (?, ?, ?)')
      let id = 0
      return ({ queued_ms, frame }) => {
        id += 1
        insert.run(id, single(queued_ms), single(frame))
      }
    },
  },
}
