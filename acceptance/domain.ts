// What the affinity domain of a target asks of the suite's metadata, and what it has no place for.
import type { Author, DocumentEntry } from '../metadata/model.js'

/** What a case counts on that a domain may forbid. */
export type Need = 'Folders' | 'all versions' | 'several confidentialityCodes'

export interface ExaminedDomain {
  name: string
  lacks: ReadonlySet<Need>
  /** Beside what every domain asks for. */
  entry: Pick<DocumentEntry, 'extraMetadata'>
  author: Pick<Author, 'authorRole'>
  /** Whose ids name each patient, beside those of the domain's own authority. */
  nationalAuthority?: string
}

/** Slots and codes of the Swiss EPR. [CH-EPR annex 3] */
export const swiss = {
  originalProviderRole: 'urn:e-health-suisse:2020:originalProviderRole',
  deletionStatus: 'urn:e-health-suisse:2019:deletionStatus',
  roleOf: (code: string) => `${code}^^^&2.16.756.5.30.1.127.3.10.6&ISO`,
  nationalAuthority: '2.16.756.5.30.1.127.3.10.3',
} as const

export const domains: Readonly<Record<string, ExaminedDomain>> = {
  ihe: { name: 'ihe', lacks: new Set(), entry: { extraMetadata: [] }, author: { authorRole: [] } },
  'ch-epr': {
    name: 'ch-epr',
    lacks: new Set(['Folders', 'all versions', 'several confidentialityCodes']),
    entry: { extraMetadata: [{ name: swiss.originalProviderRole, values: [swiss.roleOf('HCP')] }] },
    author: { authorRole: [swiss.roleOf('HCP')] },
    nationalAuthority: swiss.nationalAuthority,
  },
}
