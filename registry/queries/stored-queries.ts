// The stored queries that the registry answers, all of ITI TF-2 §3.18.4.1.2.4, and that of CP-ITI-1323.
import { findDocuments } from './find-documents.js'
import { findDocumentsByReferenceId } from './find-documents-by-reference-id.js'
import { findDocumentsExclude } from './find-documents-exclude.js'
import { findFolders } from './find-folders.js'
import { findSubmissionSets } from './find-submission-sets.js'
import { getAll } from './get-all.js'
import { getAssociations } from './get-associations.js'
import { getDocuments } from './get-documents.js'
import { getDocumentsAndAssociations } from './get-documents-and-associations.js'
import { getFolderAndContents } from './get-folder-and-contents.js'
import { getFolders } from './get-folders.js'
import { getFoldersForDocument } from './get-folders-for-document.js'
import { getRelatedDocuments } from './get-related-documents.js'
import { getSubmissionSetAndContents } from './get-submission-set-and-contents.js'
import { getSubmissionSets } from './get-submission-sets.js'
import type { StoredQuery } from './stored-query.js'

const all = [
  findDocuments,
  findSubmissionSets,
  findFolders,
  getAll,
  getDocuments,
  getFolders,
  getAssociations,
  getDocumentsAndAssociations,
  getSubmissionSets,
  getSubmissionSetAndContents,
  getFolderAndContents,
  getFoldersForDocument,
  getRelatedDocuments,
  findDocumentsByReferenceId,
  findDocumentsExclude,
]

/** By id. [ITI TF-2:3.18.4.1.2.4] */
export const storedQueries: ReadonlyMap<string, StoredQuery> = new Map(all.map(query => [query.id, query]))
