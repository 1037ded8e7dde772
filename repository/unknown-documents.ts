// A database that knows no document on a folder that has some: it is not theirs. A start would take them for leftovers, or for lost.
// docs/decisions/0405-a-new-database-removes-no-documents.md
import { join } from 'node:path'
import { documentsFolderOf } from '../config/documents-place.js'
import type { RepositoryConfig } from '../config/repository-config.js'
import type { Files } from '../ports/files.js'
import { CannotStart } from '../server/service.js'

type Where = Pick<RepositoryConfig, 'documents' | 'documentsFolder' | 'database' | 'folder'>

/** Asked of a database that has just been made, before it takes the folder for its own. @throws CannotStart */
export async function assertNoDocuments(config: Where, database: string, files: Files): Promise<void> {
  const folder = documentsFolderOf(config)
  if (!(await holdsDocuments(folder, files))) return
  throw new CannotStart(
    `${database} knows no document, and ${folder} has some: they are those of another database. Put that one back, or name it in "repository.database"; where nobody needs these documents, move ${folder} away.`,
  )
}

/** As content-files.ts and segments/segment-folder.ts name them. */
async function holdsDocuments(folder: string, files: Files): Promise<boolean> {
  const names = await files.list(folder)
  if (names.includes('segments') && (await files.list(join(folder, 'segments'))).some(isSegment)) return true
  for (const name of names.filter(isPart)) {
    for (const part of (await files.list(join(folder, name))).filter(isPart))
      if ((await files.list(join(folder, name, part))).length > 0) return true
  }
  return false
}

const isPart = (name: string) => /^[0-9a-f]{2}$/.test(name)
const isSegment = (name: string) => /^\d{1,9}\.(?:open|kept)$/.test(name)
