// Submissions of a table: a row for each document, its file and what is said of it; what is not said comes from the file, as with
// `carnet submit`. Ids are made of patient and content, so that the same row is the same document in every run.
import { createHash } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import { piecesOf } from '../../ports/files.js'
import { uuidUrn } from '../../ports/randomness.js'
import type { Context } from '../context.js'
import { describeFile } from '../documents/metadata-from-file.js'
import { factsOfFile } from '../documents/read-file.js'
import { oidOf, submissionOf } from '../documents/submission.js'
import { documentFlags, inDomain } from '../documents/submit.js'
import { Failure } from '../failure.js'
import { assertCx } from '../patients/patient.js'
import { readCsv } from './csv.js'
import { type ImportedSubmission, type ImportItem, keyOf } from './items.js'

export interface CsvSource {
  file: string
  patient: string | undefined
  sourceId: string
  domain: AffinityDomain
}

const flagColumns = [
  'title',
  'type',
  'class',
  'format',
  'facility',
  'practice',
  'confidentiality',
  'mime',
  'language',
  'author',
  'role',
] as const
const attributeColumns = ['uniqueId', 'creationTime', 'serviceStartTime', 'serviceStopTime'] as const
const columns: readonly string[] = ['file', 'patient', ...flagColumns, ...attributeColumns]

type Row = Partial<
  Record<(typeof flagColumns)[number] | (typeof attributeColumns)[number] | 'file' | 'patient', string>
>

export async function* csvItems(source: CsvSource, context: Context): AsyncGenerator<ImportItem> {
  let header: string[] | undefined
  for await (const { line, cells } of readCsv(piecesOf(context.ports.files, source.file))) {
    if (header === undefined) {
      header = headerIn(cells, source)
      continue
    }
    const names = header
    const row = Object.fromEntries(
      names.map((name, at) => [name, cells[at] ?? '']).filter(([, value]) => value !== ''),
    ) as Row
    // Spreadsheets leave such behind the last one.
    if (cells.every(cell => cell === '')) continue
    const key = keyOf('CSV', ...names, ...cells, source.patient ?? '')
    yield { key, name: `line ${line}`, read: () => read(row, cells.length - names.length, source, context) }
  }
  if (header === undefined) throw new Failure('usage', `${source.file} is empty; its first line names the columns.`)
}

function headerIn(cells: string[], { file, patient }: CsvSource): string[] {
  const names = cells.map((cell, at) => (at === 0 ? cell.replace(/^\uFEFF/, '') : cell))
  const strange = names.filter(name => !columns.includes(name))
  const missing = ['file', ...(patient === undefined ? ['patient'] : [])].filter(name => !names.includes(name))
  const twice = names.find((name, at) => names.indexOf(name) < at)
  if (twice !== undefined) throw new Failure('usage', `${file} has the column "${twice}" twice.`)
  if (strange.length === 0 && missing.length === 0) return names
  const why = strange.length > 0 ? `has the column "${strange[0]}"` : `has no column "${missing[0]}"`
  throw new Failure(
    'usage',
    `${file} ${why}; a table has file and patient, and may have ${columns.slice(2).join(', ')}.`,
  )
}

async function read(row: Row, surplus: number, source: CsvSource, context: Context): Promise<ImportedSubmission> {
  if (surplus > 0)
    throw new Failure('usage', `it has ${surplus === 1 ? 'one cell' : `${surplus} cells`} more than there are columns.`)
  const patientId = source.patient ?? row.patient ?? ''
  assertCx(patientId)
  if (row.file === undefined) throw new Failure('usage', 'it names no file.')
  const { domain } = source
  const { facts, file } = await factsOfFile(resolve(dirname(source.file), row.file), context)
  const flags = documentFlags({ ...row, patient: patientId }, domain)
  const uniqueId = row.uniqueId ?? derived('document', patientId, facts.sha1, row.file)
  const ids = { entryUUID: uuidUrn(context.ports.randomness), uniqueId }
  const described = describeFile(facts, patientId, flags, ids, domain).entry
  const entry = { ...described, ...attributesOf(row) }
  const submission = submissionOf(
    { patientId, sourceId: source.sourceId, entries: [entry], ...inDomain(domain, flags) },
    context.ports,
  )
  const setId = derived('set', patientId, facts.sha1, row.file, entry.uniqueId ?? '')
  const submissionSets = submission.submissionSets.map(set => ({ ...set, uniqueId: setId }))
  return { submission: { ...submission, submissionSets }, files: [file] }
}

function attributesOf(row: Row): Partial<Record<(typeof attributeColumns)[number], string>> {
  return Object.fromEntries(attributeColumns.flatMap(name => (row[name] === undefined ? [] : [[name, row[name]]])))
}

function derived(...parts: string[]): string {
  return oidOf(createHash('sha256').update(JSON.stringify(parts)).digest())
}
