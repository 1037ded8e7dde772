// Writes the second half of docs/CONFORMANCE.md: each clause of a specification that a test names, with those tests, and each error
// code of docs/error-codes.json with the tests that provoke it.
// `node scripts/conformance.js` writes it, with --check it says whether it is up to date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const target = join(root, 'docs', 'CONFORMANCE.md')
const marker = '<!-- What follows is written by scripts/conformance.js. -->'

// Of a test, or of a row that a test is made of.
const testStart = /\b(?:(?:it|describe)\(\s*|title: )(['"`])((?:\\.|(?!\1)[^\\])*)\1/gs
/** Of a case of the acceptance suite, which test/cli/conformance.deployed.ts tries. */
const caseStart = /(?:\bnamed\(\s*'[^']*',\s*|\btitle: |\[\s*'[^']*',\s*)(['"`])((?:\\.|(?!\1)[^\\])*)\1/gs

const chapters = [
  ['ITI-8 Patient Identity Feed', /^(?:ITI TF-2:3\.8\b|ITI TF-2: Appendix C|HL7)/],
  ['ITI-9, ITI-10 Patient identifier cross-referencing in HL7 v2', /^ITI TF-2:(?:3\.(?:9|10)\b| Table 3\.(?:9|10)\b)/],
  ['ITI-18 Registry Stored Query', /^(?:ITI TF-2:3\.18\b|CP-ITI-1323|XDS Metadata Update 3\.18\b|Gazelle ITI18-MU)/],
  [
    'ITI-19, ITI-20 Node authentication and audit',
    /^(?:ITI TF-2:3\.(?:19|20)\b|DICOM|RFC (?:54|65)|ITI TF-2: Appendix F)/,
  ],
  ['ITI-21 Patient Demographics Query in HL7 v2', /^ITI TF-2:(?:3\.21\b| Table 3\.21\b)/],
  ['ITI-38, ITI-39 Cross Gateway Query and Retrieve', /^ITI TF-2:3\.3[89]\b/],
  ['ITI-41 Provide and Register Document Set-b', /^ITI TF-2:3\.41\b/],
  ['ITI-42 Register Document Set-b', /^ITI TF-2:3\.42\b/],
  ['ITI-43 Retrieve Document Set', /^ITI TF-2:3\.43\b/],
  ['ITI-44 Patient Identity Feed HL7 V3', /^ITI TF-2:(?:3\.44\b| Appendix O)/],
  ['ITI-45, ITI-46 Patient identifier cross-referencing', /^ITI TF-2:(?:3\.4[56]\b| Table 3\.45\b)/],
  ['ITI-47 Patient Demographics Query HL7 V3', /^ITI TF-2:(?:3\.47\b| Table 3\.47\b)/],
  ['ITI-55, ITI-56 Cross Gateway Patient Discovery, Patient Location Query', /^ITI TF-2:(?:3\.5[56]\b| Table 3\.55\b)/],
  ['ITI-51 Multi-Patient Stored Query', /^(?:ITI TF-2:3\.51\b|CP-ITI-793)/],
  ['ITI-57 Update Document Set', /^(?:ITI TF-2:3\.57\b|XDS Metadata Update|Gazelle ITI57)/],
  ['ITI-61 Register On-Demand Document Entry', /^ITI TF-2:3\.61\b/],
  ['ITI-62 Remove Metadata', /^ITI TF-2:3\.62\b/],
  ['ITI-63 Cross Gateway Fetch', /^ITI TF-(?:1: 29\b|2:3\.63\b)/],
  ['ITI-80 Cross-Gateway Document Provide', /^ITI TF-(?:1: 40\b|2:3\.80\b)/],
  ['ITI-81 Retrieve ATNA Audit Event', /^(?:ITI TF-2:3\.81\b|FHIR)/],
  ['ITI-86 Remove Documents', /^ITI TF-2:3\.86\b/],
  ['ITI-92 Restricted Update Document Set', /^(?:ITI TF-2:3\.92\b|Restricted|CP-ITI-1190)/],
  ['RAD-68, RAD-69, RAD-75 Images', /^IHE RAD TF-/],
  ['Document Sharing metadata', /^ITI TF-3/],
  ['Web services', /^(?:ITI TF-2: Appendix V|SOAP|WS-|MTOM|XOP|RFC|XML|HTTP)/],
  ['Swiss electronic patient record', /^(?:CH-EPR|CH:|EPR|Gazelle|CARA)/],
  ['Other', /./],
]

// Here messages go to an actor, and what comes back is its answer.
const actorTests = ['test/registry', 'test/repository', 'test/gateway', 'test/domain', 'test/affinity', 'test/server']
const cases = 'acceptance/cases'
const text = readFileSync(target, 'utf8')
const head = text.slice(0, text.indexOf(marker) + marker.length)
if (!text.includes(marker)) throw new Error(`${target} has lost its line "${marker}"`)
const written = `${head}\n\n${generated()}`

if (!process.argv.includes('--check')) writeFileSync(target, written)
else if (written !== text) {
  console.error('docs/CONFORMANCE.md is not what the tests say; run "node scripts/conformance.js".')
  process.exit(1)
}

function generated() {
  const proofs = testFiles('test').flatMap(proofsIn)
  const left = grouped(proofs)
  const sections = chapters.map(([title, pattern]) => {
    const clauses = [...left.keys()].filter(clause => pattern.test(clause)).sort(byNumber)
    const lines = clauses.flatMap(clause => {
      const tests = left.get(clause)
      left.delete(clause)
      return [`- **${clause}**`, ...tests.map(({ title, file }) => `  - ${title} (${file})`)]
    })
    return lines.length === 0 ? '' : `### ${title}\n\n${lines.join('\n')}\n`
  })
  return [...sections.filter(Boolean), errorCodes()].join('\n')
}

/** A code that no test provokes has to say why. */
function errorCodes() {
  const codes = JSON.parse(readFileSync(join(root, 'docs', 'error-codes.json'), 'utf8'))
  const mentions = [...actorTests.flatMap(testFiles), ...filesIn(cases, /\.ts$/)].flatMap(mentionsIn)
  const rows = codes.map(({ code, transactions, notProvoked }) => {
    const proofs = mentions.filter(({ codes }) => codes.has(code))
    if (proofs.length === 0 && notProvoked === undefined) {
      throw new Error(`no test provokes ${code}, and docs/error-codes.json does not say why (notProvoked)`)
    }
    return { code, transactions: transactions.join(', ') || 'none', proofs, notProvoked }
  })
  const provoked = rows.filter(({ proofs }) => proofs.length > 0)
  const others = rows.filter(({ proofs }) => proofs.length === 0)
  return [
    '### Error codes',
    '',
    `Of ${rows.length} codes that the specifications have for these transactions (docs/error-codes.json) ${provoked.length} are provoked by a test:`,
    '',
    '| code | transactions | provoked by |',
    '|---|---|---|',
    ...provoked.map(({ code, transactions, proofs }) => `| ${code} | ${transactions} | ${toldOf(proofs)} |`),
    '',
    'and these are not:',
    '',
    '| code | transactions | why |',
    '|---|---|---|',
    ...others.map(({ code, transactions, notProvoked }) => `| ${code} | ${transactions} | ${notProvoked} |`),
    '',
  ].join('\n')
}

/** The first test of each file, three files at the most. */
function toldOf(proofs) {
  const byFile = new Map(proofs.toReversed().map(proof => [proof.file, proof]))
  const told = [...byFile.values()]
    .toReversed()
    .slice(0, 3)
    .map(({ title, file }) => `${title} (${file})`)
  const more = proofs.length - told.length
  return `${told.join('<br>')}${more > 0 ? `<br>and ${more} more` : ''}`
}

/** `{codes, title, file}` for each test of a file: the words in its title and body. */
function mentionsIn(file) {
  const source = readFileSync(join(root, file), 'utf8')
  const isCase = file.startsWith(cases)
  // A list of two codes looks like a row, but a title has several words.
  const starts = [...source.matchAll(isCase ? caseStart : testStart)].filter(({ 2: raw }) => !isCase || / /.test(raw))
  return starts.map(({ index, 2: raw }, at) => {
    const body = source.slice(index, starts[at + 1]?.index)
    const codes = new Set(body.match(/\b(?:XDS\w+|\w+Exception|\w+Error|\w+NotProcessed|\w+Queued|\w+Content)\b/g))
    return { codes, title: readable(raw), file }
  })
}

/** `{clause, title, file}` for each clause tag in a title of a test. */
function proofsIn(file) {
  const source = readFileSync(join(root, file), 'utf8')
  const titles = [...source.matchAll(testStart)]
  return titles.flatMap(([, , raw]) => {
    const title = withoutCode(raw)
    return [...title.matchAll(/\[([^\]]+)\]/g)]
      .flatMap(([, tags]) => clausesIn(tags))
      .map(clause => ({ clause, title: readable(raw), file }))
  })
}

/** A tag may hold several clauses; the later ones may leave out what the first one said. */
function clausesIn(tags) {
  if (!/^(?:ITI |TF-|HL7|RFC|DICOM|SOAP|WS-|MTOM|XOP|XML|HTTP|CH-EPR|EPR|Gazelle|CARA)/.test(tags)) return []
  if (!/TF-/.test(tags)) return [tags]
  let volume = ''
  return tags.split(/,\s*/).map(part => {
    const whole = part.startsWith('TF-') ? `ITI ${part}` : /^ITI/.test(part) ? part : `${volume}${part}`
    volume = /^ITI TF-\d: ?/.exec(whole)?.[0] ?? volume
    return whole
  })
}

function withoutCode(raw) {
  return raw.replace(/\\(.)/g, '$1').replace(/\$\{[^}]*\}+/g, '…')
}

function readable(raw) {
  return withoutCode(raw)
    .replace(/\s*\[[^\]]+\]/g, '')
    .replaceAll('|', '\\|')
}

function grouped(proofs) {
  const groups = new Map()
  for (const proof of proofs) groups.set(proof.clause, [...(groups.get(proof.clause) ?? []), proof])
  return groups
}

function byNumber(one, other) {
  return one.localeCompare(other, 'en', { numeric: true })
}

function testFiles(folder) {
  return filesIn(folder, /\.(?:test|deployed)\.ts$/)
}

function filesIn(folder, ending) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return filesIn(path, ending)
      return ending.test(entry.name) ? [path] : []
    })
}
