// Reads the folder of an affinity domain and of those it extends: every fault one sentence that begins with the file and its field.
import { join, resolve } from 'node:path'
import type { z } from 'zod'
import type { Files } from '../ports/files.js'
import { packageRoot } from '../ports/processes.js'
import {
  type CodeSetFile,
  codeSetFile,
  type DomainFile,
  domainFile,
  type PairsFile,
  pairsFile,
  type RuleFile,
} from './domain-schema.js'
import { inWords } from './faults.js'

/** A folder and all it extends, laid over one another; where each part was said. */
export interface DomainFolder {
  name: string
  /** Folders, the one asked for first. */
  folders: string[]
  /** Without `rules` and `extends`. */
  domain: Omit<DomainFile, 'rules' | 'extends'>
  rules: ReadonlyMap<string, Said<RuleFile>>
  /** By attribute. */
  codeSets: ReadonlyMap<string, Said<CodeSetFile>>
  pairs: Said<PairsFile> | undefined
}

export type Said<Value> = Value & { file: string }

/** A folder that cannot be used; each fault is one sentence. */
export class DomainProblem extends Error {
  constructor(readonly faults: string[]) {
    super(`The affinity domain cannot be used:\n${faults.map(fault => `  ${fault}`).join('\n')}`)
  }
}

/** Domains that come with Carnet, below domains/. */
const builtInDomains = ['ihe', 'ch-epr'] as const

/** The folder that a profile names: a domain of ours, or a path from `from`. */
export function domainFolderOf(profile: string, from: string): string {
  return isBuiltIn(profile) ? join(packageRoot, 'domains', profile) : resolve(from, profile)
}

export function isBuiltIn(profile: string): boolean {
  return (builtInDomains as readonly string[]).includes(profile)
}

/** @throws DomainProblem */
export async function readDomainFolder(profile: string, from: string, files: Files): Promise<DomainFolder> {
  const faults: string[] = []
  const chain: OneFolder[] = []
  let folder: string | undefined = domainFolderOf(profile, from)
  while (folder !== undefined) {
    if (chain.some(earlier => earlier.folder === folder)) {
      faults.push(
        `${join(chain.at(-1)?.folder ?? '', 'domain.json')}: extends leads back to ${folder}; a domain cannot extend itself`,
      )
      break
    }
    const one: OneFolder | undefined = await readOne(folder, files, faults, profile)
    if (one === undefined) break
    chain.push(one)
    folder = one.domain.extends === undefined ? undefined : domainFolderOf(one.domain.extends, folder)
  }
  if (faults.length > 0) throw new DomainProblem(faults)
  return laidOver(chain)
}

interface OneFolder {
  folder: string
  domain: DomainFile
  codeSets: Said<CodeSetFile>[]
  pairs: Said<PairsFile> | undefined
}

async function readOne(
  folder: string,
  files: Files,
  faults: string[],
  profile: string,
): Promise<OneFolder | undefined> {
  const file = join(folder, 'domain.json')
  if ((await files.stat(file)) === undefined) {
    const names = builtInDomains.join(' or ')
    faults.push(
      `${file}: there is no such file; a profile is ${names}, or the path of a folder with a domain.json (asked for: "${profile}")`,
    )
    return undefined
  }
  const domain = await parsed(file, domainFile, files, faults)
  const codeSets = await readCodeSets(join(folder, 'codes'), files, faults)
  const pairsAt = join(folder, 'class-type-pairs.json')
  const pairs = (await files.stat(pairsAt)) === undefined ? undefined : await parsed(pairsAt, pairsFile, files, faults)
  return domain && { folder, domain, codeSets, pairs: pairs && { ...pairs, file: pairsAt } }
}

async function readCodeSets(folder: string, files: Files, faults: string[]): Promise<Said<CodeSetFile>[]> {
  if ((await files.stat(folder)) === undefined) return []
  const sets: Said<CodeSetFile>[] = []
  for (const name of (await files.list(folder)).filter(name => name.endsWith('.json')).sort()) {
    const file = join(folder, name)
    const set = await parsed(file, codeSetFile, files, faults)
    if (set === undefined) continue
    const other = sets.find(({ attribute }) => attribute === set.attribute)
    if (other !== undefined)
      faults.push(`${file}: attribute ${set.attribute} has its codes in ${other.file} already; keep one of the two`)
    sets.push({ ...set, file })
  }
  return sets
}

async function parsed<Value>(
  file: string,
  schema: z.ZodType<Value>,
  files: Files,
  faults: string[],
): Promise<Value | undefined> {
  const text = String(await files.readFile(file)).replace(/^\uFEFF/, '')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (problem) {
    faults.push(`${file}: it is not JSON${lineOf((problem as Error).message, text)}`)
    return undefined
  }
  const outcome = schema.safeParse(value)
  if (outcome.success) return outcome.data
  faults.push(...inWords(outcome.error, 'setting of a domain').map(fault => `${file}: ${fault}`))
  return undefined
}

/** Node says where in different words in different versions; the position is in all of them. */
function lineOf(message: string, text: string): string {
  const position = /position (\d+)/.exec(message)?.[1]
  const line = position === undefined ? text.split('\n').length : text.slice(0, Number(position)).split('\n').length
  return `, line ${line}: ${message.replace(/ in JSON at position.*$/, '').replace(/ \(line.*$/, '')}`
}

/** What an extending folder says holds: a setting, a rule field by field, the codes of an attribute, the pairs. */
function laidOver(chain: readonly OneFolder[]): DomainFolder {
  const rules = new Map<string, Said<RuleFile>>()
  const codeSets = new Map<string, Said<CodeSetFile>>()
  let pairs: Said<PairsFile> | undefined
  let settings: Omit<DomainFile, 'rules' | 'extends'> = { name: chain[0]?.domain.name ?? '' }
  for (const one of chain.toReversed()) {
    const { rules: own = {}, extends: _, ...domain } = one.domain
    const file = join(one.folder, 'domain.json')
    for (const [id, row] of Object.entries(own)) rules.set(id, { ...rules.get(id), ...row, file })
    for (const set of one.codeSets) codeSets.set(set.attribute, set)
    pairs = one.pairs ?? pairs
    settings = {
      ...settings,
      ...domain,
      settings: {
        registry: { ...settings.settings?.registry, ...domain.settings?.registry },
        repository: { ...settings.settings?.repository, ...domain.settings?.repository },
        xua: { ...settings.settings?.xua, ...domain.settings?.xua },
        patientIndex: { ...settings.settings?.patientIndex, ...domain.settings?.patientIndex },
        gateway: { ...settings.settings?.gateway, ...domain.settings?.gateway },
      },
      submitting: {
        ...settings.submitting,
        ...domain.submitting,
        slots: { ...settings.submitting?.slots, ...domain.submitting?.slots },
        translations: { ...settings.submitting?.translations, ...domain.submitting?.translations },
      },
    }
  }
  return { name: settings.name, folders: chain.map(({ folder }) => folder), domain: settings, rules, codeSets, pairs }
}
