// What a stored query is: a name, an id, parameters, and what to select. ITI TF-2 §3.18.4.1.2.3.7.
import type { Found, RegistryReader } from '../store/reader.js'
import type { Given, Parameters } from './parameters.js'

export interface StoredQuery<Rows extends Parameters = Parameters> {
  name: string
  /** `urn:uuid:…` [ITI TF-2:3.18.4.1.2.4] */
  id: string
  /** Clause tag. */
  clause: string
  parameters: Rows
  /** Parameters of which exactly one is to be given. */
  exactlyOneOf?: readonly (keyof Rows & string)[]
  /** Parameters of which one at the least is to be given. */
  atLeastOneOf?: readonly (keyof Rows & string)[]
  /** Parameters that exclude one another. */
  atMostOneOf?: readonly (readonly (keyof Rows & string)[])[]
  /** Whether objects (not Associations) of several patients are refused as LeafClass. */
  singlePatient?: true
  /** Whether a domain may want all versions told to whoever names a uniqueId. */
  tellsVersions?: true
  select(given: Given<Rows>, registry: RegistryReader): Promise<Found[]>
}

/** A query whose `select` knows the types of its own parameters, in a table of many. */
export function storedQuery<Rows extends Parameters>(query: StoredQuery<Rows>): StoredQuery {
  return query as unknown as StoredQuery
}

/** In the order found. */
export function keysOf(found: readonly Found[]): number[] {
  return found.map(object => object.key)
}

/** Keys of the ends, in order, repeated where Associations share one. */
export function sourcesOf(associations: readonly Found[]): number[] {
  return associations.flatMap(association => association.source ?? [])
}

/** Keys of the ends, in order, repeated where Associations share one. */
export function targetsOf(associations: readonly Found[]): number[] {
  return associations.flatMap(association => association.target ?? [])
}

/** Associations with both ends among the objects. */
export function joining(associations: readonly Found[], objects: readonly Found[]): Found[] {
  const keys = new Set(keysOf(objects))
  return associations.filter(({ source = -1, target = -1 }) => keys.has(source) && keys.has(target))
}
