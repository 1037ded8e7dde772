// What each role of these pages may see and do.
import type { PageRole } from '../../config/page-roles.js'

export interface Person {
  /** As it stands in the audit records of what was looked at. */
  name: string
  roles: readonly PageRole[]
}

export type Leave =
  /** Records, without what tells of a patient. */
  | 'records'
  /** Patients: their ids, what was asked about them, the record as it came. */
  | 'patients'
  /** Taking records away as a file. */
  | 'export'
  /** Chain, sources, queues, clocks. */
  | 'trust'
  /** Who has looked at this log. */
  | 'looks'

const leaves: Readonly<Record<PageRole, readonly Leave[]>> = {
  auditor: ['records', 'patients', 'export', 'trust'],
  'security-officer': ['records', 'patients', 'export', 'trust', 'looks'],
  support: ['records', 'trust'],
}

export function may({ roles }: Person, leave: Leave): boolean {
  return roles.some(role => leaves[role].includes(leave))
}
