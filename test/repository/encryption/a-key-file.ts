// Files of key-encryption keys for tests.
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export const aKey = () => randomBytes(32).toString('base64')

export async function aKeyFile(folder: string, current: string, keys: Record<string, string>): Promise<string> {
  const path = join(folder, 'document-keys.json')
  await writeFile(path, JSON.stringify({ current, keys }))
  return path
}
