// ITI-18 Registry Stored Query, as the Document Registry answers it. ITI TF-2 §3.18.4.1.3.
import { registryErrorOf } from '../metadata/errors.js'
import { objectRef, spliced } from '../metadata/fragment.js'
import type { Finding, Slot } from '../metadata/model.js'
import { quoted } from '../metadata/words.js'
import { serve } from '../server/actor.js'
import type { XmlPiece } from '../soap/xml.js'
import { registryStoredQuery } from '../transactions/xds.js'
import type { AdhocQueryRequest, AdhocQueryResponse } from '../transactions/xds-messages.js'
import type { RegistryContext } from './context.js'
import { exactlyOne, givenIn, type ParameterProblem } from './queries/parameters.js'
import { storedQueries } from './queries/stored-queries.js'
import type { StoredQuery } from './queries/stored-query.js'
import { type Found, type RegistryReader, TooManyResults } from './store.js'

export const serveRegistryStoredQuery = serve(
  registryStoredQuery,
  async (request, { store, config }: RegistryContext, exchange) => {
    const query = storedQueries.get(request.id)
    const asked = query === undefined ? undefined : askedOf(query, request.slots)
    const findings = [...requestFindings(request, config.homeCommunityId), ...(asked?.findings ?? [])]
    if (query === undefined || asked === undefined || findings.length > 0) return refused(findings)

    const fragments = request.returnType === 'LeafClass'
    const limit = fragments ? config.maxResults : config.maxResults * referencesForOneObject
    try {
      return await store.read({ fragments, limit }, async registry => {
        const found = await query.select(asked.given, registry)
        if (found.length > limit) throw new TooManyResults()
        const patientIds = await patientsOf(found, registry)
        const resultFindings = await findingsOf(patientIds, registry)
        return resultFindings.length > 0 ? refused(resultFindings) : answerWith(found, patientIds)
      })
    } catch (problem) {
      if (!(problem instanceof TooManyResults)) throw problem
      return refused([tooMany(query, request.returnType, limit)])
    }

    /** Known from the query, or else from what it has found. */
    async function patientsOf(found: Found[], registry: RegistryReader): Promise<string[]> {
      if (typeof asked?.given.patientId === 'string') return []
      return registry.patientIdsOf(found.filter(object => object.kind !== 'Association').map(object => object.key))
    }

    /** What speaks against an answer only once it is known. */
    async function findingsOf(patientIds: readonly string[], registry: RegistryReader): Promise<Finding[]> {
      if (fragments && query?.singlePatient === true && patientIds.length > 1) return [severalPatients(query)]
      const patientId = asked?.given.patientId
      if (config.unknownPatientQuery === 'empty' || typeof patientId !== 'string') return []
      return (await registry.knowsPatient(patientId)) ? [] : [unknownPatient(request.id, patientId)]
    }

    function answerWith(found: Found[], patientIds: string[]): AdhocQueryResponse {
      const registryObjects = found.flatMap((object): XmlPiece[] =>
        object.fragment === undefined
          ? [objectRef(object.entryUUID, config.homeCommunityId)]
          : spliced(object.fragment, object),
      )
      return { status: 'Success', errors: [], registryObjects, ...(patientIds.length > 0 ? { patientIds } : {}) }
    }

    function refused(findings: readonly Finding[]): AdhocQueryResponse {
      const errors = findings.map(finding => registryErrorOf(finding, exchange.trace.traceId))
      return { status: 'Failure', errors, registryObjects: [] }
    }
  },
)

/** Large results are fetched by reference first, then in portions. [ITI TF-2:3.18.4.1.2.6] */
const referencesForOneObject = 20

function askedOf(
  query: StoredQuery,
  slots: readonly Slot[],
): { given: Readonly<Record<string, unknown>>; findings: Finding[] } {
  const { given, problems } = givenIn(query.parameters, slots)
  const alternatives = (query.exactlyOneOf ?? []).flatMap(name => query.parameters[name] ?? [])
  const all = [...problems, ...(alternatives.length === 0 ? [] : exactlyOne(alternatives, slots))]
  return { given, findings: all.map(problem => findingOf(query, problem)) }
}

function findingOf({ name, clause }: StoredQuery, { code, parameter, expected, found }: ParameterProblem): Finding {
  return { code, object: name, attribute: parameter, rule: clause, expected, found }
}

function requestFindings(request: AdhocQueryRequest, homeCommunityId: string | undefined): Finding[] {
  const findings: Finding[] = []
  const object = 'AdhocQueryRequest'
  if (!storedQueries.has(request.id)) {
    findings.push({
      ...{ code: 'XDSUnknownStoredQuery', object, attribute: 'AdhocQuery@id', rule: 'ITI TF-2:3.18.4.1.2.4' },
      expected: `the id of ${[...storedQueries.values()].map(query => query.name).join(', ')}`,
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
  // A registry that was not told its community takes what is said of it.
  if (request.home !== undefined && homeCommunityId !== undefined && request.home !== homeCommunityId) {
    findings.push({
      ...{ code: 'XDSUnknownCommunity', object, attribute: 'AdhocQuery@home', rule: 'ITI TF-2:3.18.4.1.2.3.8' },
      expected: `the community of this registry, ${homeCommunityId}`,
      found: quoted(request.home),
    })
  }
  return findings
}

function severalPatients({ name, clause }: StoredQuery): Finding {
  return {
    code: 'XDSResultNotSinglePatient',
    object: name,
    rule: clause,
    expected: 'objects of one patient (ask with returnType ObjectRef for those of several)',
    found: 'objects of more than one',
  }
}

function unknownPatient(queryId: string, patientId: string): Finding {
  return {
    code: 'XDSUnknownPatientId',
    object: storedQueries.get(queryId)?.name ?? queryId,
    attribute: 'patientId',
    rule: 'ITI TF-2:3.18.4.1.3',
    expected: 'a patient announced by the patient identity feed',
    found: quoted(patientId),
  }
}

function tooMany({ name }: StoredQuery, returnType: string, limit: number): Finding {
  const narrower =
    returnType === 'LeafClass' ? ' (ask with returnType ObjectRef, then for the objects in portions)' : ''
  return {
    code: 'XDSTooManyResults',
    object: name,
    rule: 'ITI TF-2:3.18.4.1.2.6',
    expected: `at most ${limit} objects in an answer${narrower}`,
    found: 'more',
  }
}
