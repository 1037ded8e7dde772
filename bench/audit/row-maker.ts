// A thread that makes rows of audit records; whoever fills a database asks several for them.
import { parentPort } from 'node:worker_threads'
import { rowsOf } from './rows.js'

parentPort?.on('message', ({ from, to, total }: { from: number; to: number; total: number }) => {
  parentPort?.postMessage(rowsOf(from, to, total))
})
