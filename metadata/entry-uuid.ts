// The ids by which the objects of a submission name one another: UUIDs, or symbols that mean nothing outside of it. ITI TF-3 §4.2.3.1.5.

const uuid = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether an id is a UUID URN in its canonical form, lower case. [ITI TF-3:4.2.3.1.5] */
export function isUuid(id: string): boolean {
  return uuid.test(id)
}

/** Whether an id holds only inside of one submission. [ITI TF-3:4.2.3.1.5] */
export function isSymbolic(id: string): boolean {
  return !id.startsWith('urn:uuid:')
}

/** An id as we keep and compare it: capital hex digits of a UUID are read, never kept. [ITI TF-3:4.2.3.1.5] */
export function canonicalId(id: string): string {
  if (isUuid(id)) return id
  const trimmed = id.trim()
  if (isSymbolic(trimmed)) return trimmed
  const lower = trimmed.toLowerCase()
  return isUuid(lower) ? lower : trimmed
}
