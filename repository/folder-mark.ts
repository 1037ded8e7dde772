// The mark in the folder of the documents: which folder it is. What is mounted there, or not mounted, may be another one, and a process
// that does not see that takes every document for lost and keeps new ones where they are hidden later.
// docs/decisions/0382-the-folder-of-documents-has-a-mark.md
import { join } from 'node:path'
import { documentsFolderOf } from '../config/documents-place.js'
import type { RepositoryConfig } from '../config/repository-config.js'
import { readIfThere } from '../ports/files.js'
import type { Ports } from '../ports/ports.js'

export interface FolderMark {
  path: string
  /** Which folder it says that this is; undefined where it says nothing. */
  read(): Promise<string | undefined>
  /** Durable when it resolves. */
  write(folder: string): Promise<void>
}

type Marked = Pick<RepositoryConfig, 'repositoryUniqueId' | 'documents' | 'documentsFolder' | 'database' | 'folder'>

/** In the folder of documents itself, so that it is missing or another one where that is. */
export function folderMarkOf(config: Marked, { files }: Pick<Ports, 'files'>): FolderMark {
  const { repositoryUniqueId } = config
  const path = join(documentsFolderOf(config), 'carnet-repository.json')
  return {
    path,
    async read() {
      const bytes = await readIfThere(files, path)
      try {
        const { folder } = JSON.parse(String(bytes)) as { folder?: unknown }
        return typeof folder === 'string' ? folder : undefined
      } catch {
        return undefined
      }
    },
    write: folder => files.replace(path, `${JSON.stringify({ repositoryUniqueId, folder })}\n`, { mode: 0o640 }),
  }
}
