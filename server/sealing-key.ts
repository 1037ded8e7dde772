// The key of files that only this service reads: 32 random bytes beside them, made where there are none.
import type { Ports } from '../ports/ports.js'

const keyBytes = 32

export async function sealingKey(path: string, { files, randomness }: Pick<Ports, 'files' | 'randomness'>) {
  const there = await files.stat(path)
  const key = there === undefined ? undefined : await files.readFile(path)
  if (key?.length === keyBytes) return key
  const made = randomness.bytes(keyBytes)
  await files.replace(path, made, { mode: 0o600 })
  return made
}
