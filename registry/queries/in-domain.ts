// What a query may find in the affinity domain, and what it may ask: the same stored queries, over a reader that looks away.
import type { AffinityDomain } from '../../affinity/affinity-domain.js'
import type { Finding } from '../../metadata/model.js'
import { quoted } from '../../metadata/words.js'
import type { Partner } from '../../server/actor.js'
import { hiddenParameter, rolesThatSeeHidden, showingHidden } from '../../transactions/hidden-entries.js'
import type { AdhocQueryRequest } from '../../transactions/xds-messages.js'
import type { RegistryReader } from '../store/reader.js'
import type { StoredQuery } from './stored-query.js'
import { writtenValues } from './value-grammar.js'

export interface View {
  /** What is wrong with asking for it. */
  findings: Finding[]
  through(registry: RegistryReader): RegistryReader
}

/** Whoever removes may ask for all that is there; everybody else sees what the domain shows. docs/decisions/0200. */
export function viewFor(
  request: AdhocQueryRequest,
  query: StoredQuery | undefined,
  domain: AffinityDomain,
  partner: Partner,
): View {
  const wishes = valuesOf(request, hiddenParameter)
  if (wishes.length === 0) {
    return { findings: domainFindings(request, query, domain), through: registry => inDomain(registry, domain) }
  }
  return { findings: wishFindings(wishes, query, partner), through: registry => registry }
}

/** The reader itself where the domain hides nothing. */
function inDomain(registry: RegistryReader, domain: AffinityDomain): RegistryReader {
  const visible = domain.hides === undefined ? registry : withoutHidden(registry)
  return domain.switchedOn['no-folders'] === undefined ? visible : withoutFolders(visible)
}

/** What the domain has against a request, whoever sends it; nothing against one for whom it is not there. */
export function domainFindings(
  request: AdhocQueryRequest,
  query: StoredQuery | undefined,
  domain: AffinityDomain,
): Finding[] {
  const on = domain.switchedOn['metadata-level-1']
  if (on === undefined || valuesOf(request, hiddenParameter).length > 0) return []
  // As the query reads it: a number may stand in quotes.
  const other = valuesOf(request, '$MetadataLevel').find(value => !isLevel1(value))
  if (other === undefined) return []
  const expected = `1 or nothing in domain ${domain.name}`
  return [{ ...aboutQuery(query), attribute: '$MetadataLevel', rule: on.clause, expected, found: quoted(other) }]
}

function isLevel1(written: string): boolean {
  const values = writtenValues(written)
  return values?.length === 1 && values[0]?.text === '1'
}

function wishFindings(wishes: readonly string[], query: StoredQuery | undefined, { name, roles }: Partner): Finding[] {
  const about = { ...aboutQuery(query), attribute: hiddenParameter, rule: 'CH-EPR deletionStatus' }
  const findings: Finding[] = []
  const [wanted = ''] = showingHidden.values
  const other = wishes.find(wish => wish !== wanted)
  if (other !== undefined) findings.push({ ...about, expected: wanted, found: quoted(other) })
  if (!rolesThatSeeHidden.some(role => roles.has(role))) {
    const expected = `a partner with the role ${rolesThatSeeHidden.join(' or ')}`
    findings.push({ ...about, expected, found: `${name}, who has neither` })
  }
  return findings
}

function aboutQuery(query: StoredQuery | undefined) {
  return { code: 'XDSRegistryError', object: query?.name ?? 'AdhocQueryRequest' } as const
}

function valuesOf({ slots }: AdhocQueryRequest, parameter: string): string[] {
  return slots.filter(({ name }) => name.trim() === parameter).flatMap(({ values }) => values.map(each => each.trim()))
}

/** A hidden entry is not there, nor what leads to it, nor a SubmissionSet that holds nothing else. [CH-EPR deletionStatus] */
function withoutHidden(registry: RegistryReader): RegistryReader {
  const hidden = 'left out'
  return {
    ...registry,
    documentEntries: (among, where) => registry.documentEntries(among, { ...where, hidden }),
    submissionSets: (among, where) => registry.submissionSets(among, { ...where, hidden }),
    associations: (end, keys, where, only) => registry.associations(end, keys, { ...where, hidden }, only),
  }
}

/** Folders that are there all the same were registered before the domain refused them. [Gazelle CH-XDS-003] */
function withoutFolders(registry: RegistryReader): RegistryReader {
  return { ...registry, folders: async () => [] }
}
