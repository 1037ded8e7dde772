// The plan of the house: which room may import which, where each library has its door, what is outside and only reached through ports/.

/** Rooms below the one named; nothing else may be imported. Actors never import one another. */
export const roomsBelow: Readonly<Record<string, readonly string[]>> = plan({
  ports: [],
  config: ['ports'],
  soap: ['config', 'ports'],
  hl7v2: [],
  dicom: [],
  wsdl: ['ports'],
  certs: ['config', 'ports'],
  store: ['config', 'ports'],
  s3: ['soap', 'config', 'ports'],
  metadata: ['soap', 'config', 'ports'],
  affinity: ['metadata', 'soap', 'config', 'ports'],
  xua: ['soap', 'config', 'ports'],
  pages: ['config', 'ports'],
  'atna-audit': ['store', 'soap', 'config', 'ports'],
  transactions: ['metadata', 'xua', 'atna-audit', 'store', 'soap', 'hl7v2', 'config', 'ports'],
  server: [
    'transactions',
    'metadata',
    'xua',
    'atna-audit',
    'store',
    'soap',
    'hl7v2',
    'config',
    'ports',
    'wsdl',
    'certs',
  ],
  registry: ['affinity', 'server', '*server'],
  repository: ['dicom', 'server', '*server', 's3'],
  'patient-index': ['affinity', 'server', '*server'],
  'patient-index/pages': ['pages', 'patient-index', 'server', '*server'],
  gateway: ['affinity', 'dicom', 'server', '*server'],
  'atna-audit/repository': ['server', '*server'],
  'atna-audit/pages': ['pages', 'atna-audit/repository', 'server', '*server'],
  acceptance: ['server', '*server'],
  cli: [
    'gateway',
    'registry',
    'repository',
    'patient-index',
    'patient-index/pages',
    'atna-audit/repository',
    'atna-audit/pages',
    'acceptance',
    'server',
    'certs',
    'affinity',
    'dicom',
    's3',
    '*server',
  ],
})

/** Tests, measurements and scripts look into every room; nobody looks into them. */
export const outhouses: readonly string[] = ['test', 'bench', 'simulation', 'scripts', 'docs']

/** Where a package may be imported: a file, or a room with a slash behind it. */
export const doors: Readonly<Record<string, string>> = {
  knex: 'store/',
  pg: 'store/postgres/connections.ts',
  'node:sqlite': 'store/',
  '@photostructure/sqlite': 'store/',
  zod: 'config/',
  'node-forge': 'certs/',
  'openid-client': 'pages/openid-connect.ts',
  pino: 'server/log.ts',
  'prom-client': 'server/metrics.ts',
  '@opentelemetry/api': 'server/tracing.ts',
  commander: 'cli/',
  'dicom-parser': 'dicom/data-set.ts',
}

/** Modules of Node that reach nothing outside of the process. */
export const harmlessModules: readonly string[] = [
  'node:assert',
  'node:buffer',
  'node:crypto',
  'node:events',
  'node:path',
  'node:stream',
  'node:stream/promises',
  'node:string_decoder',
  'node:url',
  'node:util',
  'node:zlib',
]

/** What reaches outside without an import. */
export const outside: readonly { what: string; pattern: RegExp }[] = [
  { what: 'the clock (Date.now)', pattern: /\bDate\s*\.\s*now\b/g },
  { what: 'the clock (new Date of nothing)', pattern: /\bnew\s+Date\b(?!\s*\(\s*[^\s)])/g },
  { what: 'the clock (Date as a function)', pattern: /(?<!\bnew\s+)(?<![\w.$])Date\s*\(/g },
  { what: 'the clock (performance)', pattern: /(?<![\w.$])performance\s*\??\./g },
  { what: 'a timer', pattern: /(?<![\w.$])(?:set|clear)(?:Timeout|Interval|Immediate)\b/g },
  {
    what: 'randomness',
    pattern: /\bMath\s*\.\s*random\b|(?<![\w$])random(?:UUID|Bytes|Int|Fill|FillSync)\b|\bgetRandomValues\b/g,
  },
  { what: 'the process', pattern: /(?<![\w.$])process\s*(?:\??\.|\[)/g },
  { what: 'the terminal', pattern: /(?<![\w.$])console\s*(?:\??\.|\[)/g },
  { what: 'the network (fetch)', pattern: /(?<![\w.$])(?:fetch\s*\(|WebSocket\b)/g },
  { what: 'everything (globalThis)', pattern: /(?<![\w.$])(?:globalThis|global)\s*(?:\??\.|\[)/g },
  { what: 'modules (require)', pattern: /(?<![\w.$])(?:require\s*\(|createRequire\b|getBuiltinModule\b)/g },
]

/** `*server` stands for all that the server may import. */
function plan(rooms: Record<string, readonly string[]>): Record<string, readonly string[]> {
  const wide = (below: readonly string[]) =>
    below.flatMap(room => (room.startsWith('*') ? (rooms[room.slice(1)] ?? []) : [room]))
  return Object.fromEntries(Object.entries(rooms).map(([room, below]) => [room, wide(below)]))
}
