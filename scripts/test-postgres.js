// `npm run test:postgres`: what keeps its data in a database, on a PostgreSQL of its own for each of two processes. Arguments are mocha's.
import { runShares } from './shares.js'

const shares = [
  ['dist/test/registry/**/*.test.js'],
  [
    'dist/test/store/postgres/*.test.js',
    'dist/test/atna-audit/postgres-outbox.test.js',
    'dist/test/atna-audit/outbox-under-kills.test.js',
    'dist/test/affinity/*.test.js',
    'dist/test/repository/postgres/*.test.js',
    'dist/test/repository/iti-*.test.js',
    'dist/test/repository/rad-*.test.js',
    'dist/test/repository/crashes.test.js',
    'dist/test/repository/sending-again.test.js',
    'dist/test/repository/one-content.test.js',
    'dist/test/repository/on-an-object-storage.test.js',
    'dist/test/repository/moving.test.js',
    'dist/test/repository/read-cache/*.test.js',
    'dist/test/repository/administration/document-resources.test.js',
    'dist/test/server/read-only-on-server.test.js',
    'dist/test/server/used-on-server.test.js',
    'dist/test/peers/many-processes.test.js',
    'dist/test/cli/backup/on-postgres.test.js',
    'dist/test/cli/database/*.test.js',
  ],
]

await runShares(
  shares.map(files => files.flatMap(file => ['--spec', file])),
  { timeoutMs: 120_000, variables: { CARNET_TEST_ENGINE: 'postgres' } },
)
