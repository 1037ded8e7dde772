// What `carnet fsck --repair` does: it has what was left half done settled, and puts back bytes of damaged documents from a backup.
// It removes nothing: documents without entries and entries without documents are for a person, or for `carnet sweep`.
import type { UnsettledAnswer } from '../../repository/administration/examination-resources.js'
import { NotHandedOut } from '../admin-parcels.js'
import { pathInBackup } from '../backup/folder.js'
import { type BackupTarget, openBackupTarget, type StorageOption } from '../backup/target.js'
import { openVault } from '../backup/vault.js'
import type { Examination, Found } from './report.js'

/** Where the bytes of damaged documents may be. */
export interface Spare extends StorageOption {
  /** Folder of backups. */
  from?: string
  /** Where they are encrypted. */
  encryptionKeys?: string
}

/** Removes nothing. What it has done is noted in the report beside what was found. docs/decisions/0241 */
export async function repair(examination: Examination, spare: Spare): Promise<void> {
  await settleFound(examination)
  for (const found of examination.report.found) {
    if (found.kind === 'damaged' && found.documentId !== undefined)
      await mend(found.documentId, found, spare, examination)
  }
}

export async function settleFound({
  report,
  source,
  deployment,
}: Pick<Examination, 'report' | 'source' | 'deployment'>): Promise<void> {
  const halves = report.found.filter(({ kind }) => kind === 'unsettled' || kind === 'half removed')
  if (halves.length === 0) return
  const left = await source.slow<UnsettledAnswer>(`${deployment.urls.repository}/admin/examine/settle`, {})
  const open = new Set([...left.pending.map(({ traceId }) => traceId), ...left.halfRemoved.map(({ id }) => id)])
  for (const found of halves) {
    if (!open.has(found.documentId ?? found.traceId ?? '')) found.repaired = 'settled'
  }
}

/** The repository takes the very bytes that were received, and nothing else. */
async function mend(id: string, found: Found, spare: Spare, examination: Examination): Promise<void> {
  if (spare.from === undefined) {
    found.words += ' (--from BACKUPS may have its bytes)'
    return
  }
  const target = await openBackupTarget(spare.from, spare, examination.context)
  try {
    await mendFrom(target, id, found, spare, examination)
  } finally {
    await target.close()
  }
}

async function mendFrom(
  { folder, context }: BackupTarget,
  id: string,
  found: Found,
  { encryptionKeys }: Spare,
  { source, deployment }: Examination,
): Promise<void> {
  const { files } = context.ports
  const path = pathInBackup(folder, id)
  if ((await files.stat(path)) === undefined) {
    found.words += ' (it is not in the backups)'
    return
  }
  const vault = await openVault(folder, encryptionKeys, context)
  try {
    await source.send(`${deployment.urls.repository}/admin/examine/mend/${id}`, vault.read(path))
    found.repaired = 'its bytes are back from the backup'
  } catch (problem) {
    if (!(problem instanceof NotHandedOut)) throw problem
    found.words += ` (${problem.message})`
  }
}
