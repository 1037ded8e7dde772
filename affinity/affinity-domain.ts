// An affinity domain: who shares documents by which rules, ready to be asked. ITI TF-1 §10.4.9; docs/AFFINITY-DOMAINS.md
import { type DomainFolder, DomainProblem, readDomainFolder } from '../config/domain-folder.js'
import type { SubmittingFile } from '../config/domain-schema.js'
import type { DocumentEntry } from '../metadata/model.js'
import type { ObjectTables } from '../metadata/object-tables.js'
import type { Files } from '../ports/files.js'
import { attributeAt } from './attribute-names.js'
import { type CodeSet, codeSetOf } from './code-set.js'
import { faultsOf } from './faults.js'
import { tablesOf } from './local-tables.js'
import { type SwitchedOn, switchedOn } from './switched-rules.js'
import { type UnchangeableAttribute, unchangeableOf } from './unchangeable.js'

export interface AffinityDomain {
  name: string
  title: string
  /** Of its files, its own first. */
  folders: readonly string[]
  /** The framework's attribute tables with what the domain asks for beside. */
  tables: ObjectTables
  /** By attribute. An attribute without may have any code. */
  codeSets: ReadonlyMap<string, CodeSet>
  /** The rules that are written in TypeScript, as far as the domain has them. */
  switchedOn: SwitchedOn
  /** What an update may not change. */
  unchangeable: readonly UnchangeableAttribute[]
  /** typeCodes by classCode, by code alone. */
  typesOfClass: ReadonlyMap<string, ReadonlySet<string>>
  /** OID of the authority whose ids name patients nationwide, beside those of the domain. */
  nationalAuthority: string | undefined
  limitedMetadata: 'allowed' | 'refused'
  extraMetadata: 'saved' | 'not-saved'
  /** Slots of extra metadata that are saved in any case. */
  savedSlots: ReadonlySet<string>
  /** Whether no query finds the entry; undefined where every entry is found. */
  hides: ((entry: DocumentEntry) => boolean) | undefined
  submitting: SubmittingFile
}

/**
 * `profile` is a domain of ours by name or a folder, relative to `from`.
 * @throws DomainProblem with one sentence for each fault
 */
export async function openDomain(profile: string, files: Files, from = ''): Promise<AffinityDomain> {
  return domainOf(await readDomainFolder(profile, from, files))
}

/** @throws DomainProblem */
function domainOf(folder: DomainFolder): AffinityDomain {
  const { domain, rules, codeSets, pairs } = folder
  const sets = new Map([...codeSets].map(([attribute, set]) => [attribute, codeSetOf(set, folder.name)]))
  const faults = faultsOf(folder, sets)
  if (faults.length > 0) throw new DomainProblem(faults)
  return {
    name: folder.name,
    title: domain.title ?? folder.name,
    folders: folder.folders,
    tables: tablesOf(folder, sets),
    codeSets: sets,
    switchedOn: switchedOn(rules, folder.name, pairs?.clause),
    unchangeable: unchangeableOf(folder),
    typesOfClass: new Map(Object.entries(pairs?.pairs ?? {}).map(([code, types]) => [code, new Set(types)])),
    nationalAuthority: domain.nationalAuthority,
    limitedMetadata: domain.limitedMetadata ?? 'refused',
    extraMetadata: domain.extraMetadata ?? 'saved',
    savedSlots: slotsNamedBy(folder),
    hides: hiding(domain.hiddenFromQueries),
    submitting: domain.submitting ?? {},
  }
}

function slotsNamedBy({ rules, codeSets }: DomainFolder): Set<string> {
  const attributes = [...[...rules.values()].map(({ attribute }) => attribute), ...codeSets.keys()]
  return new Set(attributes.flatMap(attribute => attributeAt(attribute ?? '')?.slot ?? []))
}

function hiding(hidden: DomainFolder['domain']['hiddenFromQueries']): AffinityDomain['hides'] {
  if (hidden === undefined) return undefined
  const slot = attributeAt(hidden.attribute)?.slot
  const values = new Set(hidden.values)
  return ({ extraMetadata }) =>
    extraMetadata.some(({ name, values: own }) => name === slot && own.some(value => values.has(value.trim())))
}
