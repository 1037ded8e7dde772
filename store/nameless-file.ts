// A file that has no name: what is written there is gone with this process, however that ends.
import { join } from 'node:path'
import type { Files, OpenFile } from '../ports/files.js'

/** `seen` opens it by the name that it has for the moment, for whoever takes names alone; while it is empty. */
export async function namelessFile(
  files: Pick<Files, 'create' | 'temporaryFolder' | 'removeFolder'>,
  seen: (path: string) => Promise<void> = async () => {},
): Promise<OpenFile> {
  const folder = await files.temporaryFolder('carnet-nameless-')
  try {
    const path = join(folder, 'file')
    const file = await files.create(path, { mode: 0o600 })
    await seen(path)
    return file
  } finally {
    await files.removeFolder(folder)
  }
}
