// `npm test`: all tests but those of whole deployments (`npm run test:deployed`), in four processes side by side. Arguments are mocha's, as in
// `npm test -- --grep ITI-43`, and go to all.
import { runShares } from './shares.js'

// Each takes about as long as the others: of those of the command line much is waiting for services.
const rooms = [
  ['repository', 's3', 'store', 'patient-index', 'peers'],
  ['registry', 'simulation', 'metadata', 'soap', 'xua', 'domain'],
  ['cli'],
]
const shares = [
  ...rooms.map(share => share.flatMap(room => ['--spec', `dist/test/${room}/**/*.test.js`])),
  // Whatever the others leave.
  ['--spec', 'dist/test/**/*.test.js', ...rooms.flat().flatMap(room => ['--ignore', `dist/test/${room}/**`])],
]

await runShares(shares, { timeoutMs: 60_000 })
