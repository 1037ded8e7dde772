// Why bytes cannot be read. Mostly the disk has spoilt them; but of some failures of the system nobody may conclude anything about a document.
import type { Files } from '../ports/files.js'
import { ContentUnreachable } from './content-store.js'

const passing: Readonly<Record<string, string>> = {
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this host',
  ENOMEM: 'there is no memory for it',
  EAGAIN: 'the system has no room for it at this moment',
  EBUSY: 'it is in use',
  EINTR: 'the system broke it off',
  EACCES: 'this user may not read them',
  EPERM: 'this user may not read them',
  ENOTCONN: 'their file system is away',
  EHOSTDOWN: 'their file system is away',
  EHOSTUNREACH: 'their file system is away',
  ENODEV: 'their file system is away',
  ENXIO: 'their file system is away',
  ESTALE: 'their file system is away',
  ETIMEDOUT: 'their file system does not answer',
}

/** What says nothing of the document, as that; all else as it came. */
export function unlessPassing(problem: unknown): unknown {
  const { code } = (problem ?? {}) as { code?: unknown }
  const words = typeof code === 'string' ? passing[code] : undefined
  if (words === undefined) return problem
  return new ContentUnreachable(`documents cannot be read now: ${words} (${code})`, { cause: problem })
}

/**
 * The folder in which all of them are is there as long as we run. Where it is not (moved, or a disk that is not mounted any more),
 * that nothing is found says nothing of any document: none is damaged by it, and none removed.
 * @throws ContentUnreachable
 */
export async function assertFolder(files: Pick<Files, 'stat'>, folder: string): Promise<void> {
  if ((await files.stat(folder)) === undefined)
    throw new ContentUnreachable(`documents cannot be reached now: the folder ${folder} is not there`)
}
