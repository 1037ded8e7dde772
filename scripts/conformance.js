// Writes the second half of docs/CONFORMANCE.md: each clause of a specification that a test names, with those tests.
// `node scripts/conformance.js` writes it, with --check it says whether it is up to date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const target = join(root, 'docs', 'CONFORMANCE.md')
const marker = '<!-- What follows is written by scripts/conformance.js. -->'

const chapters = [
  ['ITI-8 Patient Identity Feed', /^(?:ITI TF-2:3\.8\b|ITI TF-2: Appendix C|HL7)/],
  ['ITI-18 Registry Stored Query', /^(?:ITI TF-2:3\.18\b|CP-ITI-1323)/],
  [
    'ITI-19, ITI-20 Node authentication and audit',
    /^(?:ITI TF-2:3\.(?:19|20)\b|DICOM|RFC (?:54|65)|ITI TF-2: Appendix F)/,
  ],
  ['ITI-41 Provide and Register Document Set-b', /^ITI TF-2:3\.41\b/],
  ['ITI-42 Register Document Set-b', /^ITI TF-2:3\.42\b/],
  ['ITI-43 Retrieve Document Set', /^ITI TF-2:3\.43\b/],
  ['ITI-44 Patient Identity Feed HL7 V3', /^ITI TF-2:(?:3\.44\b| Appendix O)/],
  ['ITI-51 Multi-Patient Stored Query', /^(?:ITI TF-2:3\.51\b|CP-ITI-793)/],
  ['ITI-61 Register On-Demand Document Entry', /^ITI TF-2:3\.61\b/],
  ['ITI-62 Remove Metadata', /^ITI TF-2:3\.62\b/],
  ['ITI-86 Remove Documents', /^ITI TF-2:3\.86\b/],
  ['Document Sharing metadata', /^ITI TF-3/],
  ['Web services', /^(?:ITI TF-2: Appendix V|SOAP|WS-|MTOM|XOP|RFC|XML|HTTP)/],
  ['Swiss electronic patient record', /^(?:CH-EPR|EPR|Gazelle|CARA)/],
  ['Other', /./],
]

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
  return sections.filter(Boolean).join('\n')
}

/** `{clause, title, file}` for each clause tag in a title of a test. */
function proofsIn(file) {
  const source = readFileSync(join(root, file), 'utf8')
  // Of a test, or of a row that a test is made of.
  const titles = [...source.matchAll(/\b(?:(?:it|describe)\(\s*|title: )(['"`])((?:\\.|(?!\1)[^\\])*)\1/gs)]
  return titles.flatMap(([, , raw]) => {
    const title = raw.replace(/\\(.)/g, '$1').replace(/\$\{[^}]*\}+/g, '…')
    return [...title.matchAll(/\[([^\]]+)\]/g)]
      .flatMap(([, tags]) => clausesIn(tags))
      .map(clause => ({ clause, title: title.replace(/\s*\[[^\]]+\]/g, '').replaceAll('|', '\\|'), file }))
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

function grouped(proofs) {
  const groups = new Map()
  for (const proof of proofs) groups.set(proof.clause, [...(groups.get(proof.clause) ?? []), proof])
  return groups
}

function byNumber(one, other) {
  return one.localeCompare(other, 'en', { numeric: true })
}

function testFiles(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return testFiles(path)
      return entry.name.endsWith('.test.ts') ? [path] : []
    })
}
