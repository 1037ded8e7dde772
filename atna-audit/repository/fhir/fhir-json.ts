// Whether a value has the shape of a resource: every element of its type, as many as may be. What the table does not know stays unread.
import { type ElementRow, elements, primitives, resources } from './fhir-elements.js'

export type FhirObject = { [name: string]: unknown }

export interface FhirFault {
  /** `AuditEvent.agent[0].requestor` */
  expression: string
  /** In words. */
  fault: string
}

const mostFaults = 20
const mostDepth = 24

export function isObject(value: unknown): value is FhirObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Empty where the value can be read as what it says it is, else at most 20; elements that the table does not know are passed over. [FHIR R4: JSON]
 */
export function resourceFaults(value: unknown, expression = ''): FhirFault[] {
  const type = isObject(value) ? value.resourceType : undefined
  if (typeof type !== 'string' || !resources.some(one => one === type)) {
    const found = typeof type === 'string' ? type.slice(0, 60) : 'nothing'
    return [{ expression: expression || 'resourceType', fault: `is ${found}; expected ${resources.join(', ')}` }]
  }
  return typeFaults(value as FhirObject, type, expression || type, 0).slice(0, mostFaults)
}

function typeFaults(value: FhirObject, type: string, expression: string, depth: number): FhirFault[] {
  if (depth > mostDepth) return [{ expression, fault: `is nested more than ${mostDepth} deep` }]
  const faults: FhirFault[] = []
  for (const row of elements[type] ?? []) {
    if (faults.length >= mostFaults) break
    faults.push(...rowFaults(value[row[0]], row, `${expression}.${row[0]}`, depth))
  }
  return faults
}

function rowFaults(held: unknown, [, type, count]: ElementRow, expression: string, depth: number): FhirFault[] {
  if (held === undefined) {
    return count === '1' || count === '+' ? [{ expression, fault: 'is missing; FHIR R4 requires it' }] : []
  }
  if (count === '?' || count === '1') return oneFaults(held, type, expression, depth)
  if (!Array.isArray(held)) return [{ expression, fault: 'must be a list' }]
  if (held.length === 0) return [{ expression, fault: 'is an empty list' }]
  const faults: FhirFault[] = []
  for (let index = 0; index < held.length && faults.length < mostFaults; index += 1) {
    faults.push(...oneFaults(held[index], type, `${expression}[${index}]`, depth))
  }
  return faults
}

function oneFaults(held: unknown, type: string, expression: string, depth: number): FhirFault[] {
  if (type === 'Resource') return isObject(held) ? [] : [{ expression, fault: 'must be a resource' }]
  const primitive = primitives[type]
  if (primitive === undefined) {
    return isObject(held) ? typeFaults(held, type, expression, depth + 1) : [{ expression, fault: 'must be an object' }]
  }
  const good = typeof held === primitive.json && primitive.is(String(held))
  return good ? [] : [{ expression, fault: `is ${shown(held)}; expected ${primitive.words}` }]
}

function shown(held: unknown): string {
  return (JSON.stringify(held) ?? 'nothing').slice(0, 60)
}
