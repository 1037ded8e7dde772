// For services of which nobody reads the log.
import type { Log } from '../../server/log.js'

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
