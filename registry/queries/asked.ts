// A query as it was asked: which one, its parameters read, and all that is wrong with the request. ITI TF-2 §3.18.4.1.2.
import type { Finding, Slot } from '../../metadata/model.js'
import { quoted } from '../../metadata/words.js'
import type { AdhocQueryRequest } from '../../transactions/xds-messages.js'
import { atLeastOne, atMostOne, exactlyOne, givenIn, type ParameterProblem, slotsWithValues } from './parameters.js'
import type { StoredQuery } from './stored-query.js'

export interface Asked {
  given: Readonly<Record<string, unknown>>
  findings: Finding[]
}

/** With findings nothing may be selected: `given` has then only what could be read. [ITI TF-2:3.18.4.1.2.3.7] */
export function askedOf(query: StoredQuery, sent: readonly Slot[]): Asked {
  const slots = slotsWithValues(query.parameters, sent)
  const { given, problems } = givenIn(query.parameters, slots)
  const rows = (names: readonly string[]) => names.flatMap(name => query.parameters[name] ?? [])
  const together = [
    ...(query.exactlyOneOf === undefined ? [] : exactlyOne(rows(query.exactlyOneOf), slots)),
    ...(query.atLeastOneOf === undefined ? [] : atLeastOne(rows(query.atLeastOneOf), slots)),
    ...(query.atMostOneOf ?? []).flatMap(names => atMostOne(rows(names), slots)),
  ]
  return { given, findings: [...problems, ...together].map(problem => findingOf(query, problem)) }
}

function findingOf({ name, clause }: StoredQuery, { code, parameter, expected, found }: ParameterProblem): Finding {
  return { code, object: name, attribute: parameter, rule: clause, expected, found }
}

/** What is wrong whatever the query. A home is taken whichever it is; only gateways refuse one. [ITI TF-2:3.18.4.1.3] */
export function requestFindings(request: AdhocQueryRequest, queries: ReadonlyMap<string, StoredQuery>): Finding[] {
  const findings: Finding[] = []
  const object = 'AdhocQueryRequest'
  if (!queries.has(request.id)) {
    findings.push({
      ...{ code: 'XDSUnknownStoredQuery', object, attribute: 'AdhocQuery@id', rule: 'ITI TF-2:3.18.4.1.2.4' },
      expected: `the id of ${[...queries.values()].map(query => query.name).join(', ')}`,
      found: request.id === '' ? 'no AdhocQuery with an id' : quoted(request.id),
    })
  }
  if (request.returnType !== 'LeafClass' && request.returnType !== 'ObjectRef') {
    findings.push({
      ...{ code: 'XDSRegistryError', object, attribute: 'ResponseOption@returnType', rule: 'ITI TF-2:3.18.4.1.2.3.1' },
      expected: 'LeafClass or ObjectRef',
      found: quoted(request.returnType),
    })
  }
  return findings
}
