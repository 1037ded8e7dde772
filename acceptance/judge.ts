// What a target has to answer, as functions of its answer; each returns the ways in which the two differ.
import { idOf, objectsIn } from './answer.js'
import type { Disagreement } from './case.js'
import type { Received } from './target.js'

export function holds(condition: boolean, expected: string, found: string): Disagreement[] {
  return condition ? [] : [{ expected, found }]
}

export function succeeded(answer: Received): Disagreement[] {
  return holds(answer.status === 'Success', 'status Success', outcomeOf(answer))
}

/** Refused, with one of the codes among its errors, each of them in the shape that all errors have. [ITI TF-3:4.2.4.1] */
export function refused(answer: Received, ...codes: string[]): Disagreement[] {
  const named = answer.errors.some(({ code, severity }) => codes.includes(code) && severity === 'Error')
  return [
    ...holds(answer.status === 'Failure' && named, `status Failure with ${codes.join(' or ')}`, outcomeOf(answer)),
    ...answer.errors.flatMap(({ code, context, severity }) => [
      ...holds(code !== '', 'RegistryError@errorCode', 'an error without a code'),
      ...holds(context !== '', 'RegistryError@codeContext', `${code || 'an error'} without a codeContext`),
      ...holds(/^(?:Error|Warning)$/.test(severity), 'RegistryError@severity Error or Warning', severity),
    ]),
  ]
}

/** An accepted query whose answer has some objects and lacks others; what else is there does not matter. */
export function finds(answer: Received, wanted: string[], unwanted: string[] = []): Disagreement[] {
  const found = new Set(objectsIn(answer).map(idOf))
  return [
    ...succeeded(answer),
    ...wanted.flatMap(id => holds(found.has(id), `${id} in the answer`, `${found.size} objects, not this one`)),
    ...unwanted.flatMap(id => holds(!found.has(id), `${id} not in the answer`, 'it is there')),
  ]
}

export function outcomeOf({ status, errors }: Received): string {
  const told = errors.slice(0, 5).map(({ code, context }) => `${code} (${context.slice(0, 300)})`)
  return [status, ...told].join(', ')
}
