// Where `documents` of the repository says that documents are: in a folder, or in a bucket below a prefix.
import { dirname, join } from 'node:path'
import { isOnServer } from './postgres-url.js'
import type { RepositoryConfig } from './repository-config.js'

export interface BucketPlace {
  bucket: string
  /** Without slashes at its ends; may be empty. */
  prefix: string
}

/** Undefined when it names a folder. */
export function bucketIn(documents: string): BucketPlace | undefined {
  const found = /^s3:\/\/([^/]+)\/?(.*)$/.exec(documents)
  return found === null ? undefined : { bucket: found[1] ?? '', prefix: found[2] ?? '' }
}

/** Where documents arrive, and where those are that are kept as files. */
export function documentsFolderOf({
  documents,
  documentsFolder,
  database,
  folder,
}: Pick<RepositoryConfig, 'documents' | 'documentsFolder' | 'database' | 'folder'>): string {
  if (bucketIn(documents) === undefined) return documents
  return documentsFolder ?? join(isOnServer(database) ? (folder ?? '') : dirname(database), 'documents')
}
