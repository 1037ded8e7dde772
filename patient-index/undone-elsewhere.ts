// Registries that were told of a merge are asked to undo it before the index does, at the door for administrators that a registry of ours has: no message
// undoes one. Another make's has no such door, and its administrator has to. [ITI TF-2:3.44.4.2.4] docs/decisions/0379
import type { PatientIndexConfig } from '../config/patient-index-config.js'
import type { HttpClient } from '../ports/network.js'
import { wholeBody } from '../ports/whole-body.js'

/** Resolves when no registry has the id, which the index has given, as merged. @throws NotUndone */
export type UndoElsewhere = (patientId: string) => Promise<void>

/**
 * A registry has not undone it, or does not answer; `message` says why, in its words. What others have undone before stays undone there, and can
 * be asked for again.
 */
export class NotUndone extends Error {
  constructor(
    readonly registry: string,
    why: string,
  ) {
    super(why)
  }
}

/** One registry after the other; the first that does not ends it. */
export function undoingElsewhere(
  client: Pick<HttpClient, 'call'>,
  { registries }: Pick<PatientIndexConfig, 'registries'>,
): UndoElsewhere {
  return async patientId => {
    for (const { name, url } of registries) {
      const why = await refusalOf({ url, patientId }, client).catch(problem => (problem as Error).message)
      if (why !== undefined) throw new NotUndone(name, why.slice(0, mostCharacters))
    }
  }
}

const timeoutMs = 10_000
const mostBytes = 1_048_576
const mostCharacters = 300

/** Not known there, or not merged: it was never told, or has undone it before. */
const neverTold: ReadonlySet<number> = new Set([404, 409])

async function refusalOf(
  { url, patientId }: { url: string; patientId: string },
  client: Pick<HttpClient, 'call'>,
): Promise<string | undefined> {
  const { status, body } = await client.call({
    ...{ url: `${url.replace(/\/+$/, '')}/admin/patients/unmerge`, method: 'POST', timeoutMs },
    headers: { 'content-type': 'application/json' },
    body: [Buffer.from(JSON.stringify({ patientId }))],
  })
  const text = String(await wholeBody(body, mostBytes, () => new Error('its answer is too long')))
  const answer = objectIn(text)
  if (status === 200 && answer?.patientId === patientId) return undefined
  const problem = typeof answer?.problem === 'string' ? answer.problem : undefined
  if (problem !== undefined && neverTold.has(status)) return undefined
  return problem ?? `HTTP ${status}, and nothing that a registry of Carnet says`
}

function objectIn(text: string): { patientId?: unknown; problem?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
