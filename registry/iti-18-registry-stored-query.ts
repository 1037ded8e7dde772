// ITI-18 Registry Stored Query, as the Document Registry answers it. ITI TF-2 §3.18.4.1.3.
import type { Finding } from '../metadata/model.js'
import { serve } from '../server/actor.js'
import { registryStoredQuery } from '../transactions/xds.js'
import type { RegistryContext } from './context.js'
import { checkPatients, heldTo, ofPatient } from './held-to-patient.js'
import { answerWith, readOptionsFor, refusedQuery, tooMany, unknownPatients } from './queries/answer.js'
import { askedOf, requestFindings } from './queries/asked.js'
import { tellingVersions } from './queries/every-version.js'
import { viewFor } from './queries/in-domain.js'
import { storedQueries } from './queries/stored-queries.js'
import type { StoredQuery } from './queries/stored-query.js'
import { type Found, type RegistryReader, TooManyResults } from './store/reader.js'

export const serveRegistryStoredQuery = serve(
  registryStoredQuery,
  async (request, context: RegistryContext, exchange) => {
    const { store, config, domain } = context
    const refused = (findings: readonly Finding[]) => refusedQuery(findings, exchange.trace.traceId)
    const query = storedQueries.get(request.id)
    const asked = query === undefined ? undefined : askedOf(query, request.slots)
    const view = viewFor(request, query, domain, exchange.partner)
    const findings = [...requestFindings(request, storedQueries), ...(asked?.findings ?? []), ...view.findings]
    if (query === undefined || asked === undefined || findings.length > 0) return refused(findings)

    const options = readOptionsFor(request, config, exchange.partner)
    const patient = typeof asked.given.patientId === 'string' ? [asked.given.patientId] : []
    const held = await heldTo(exchange, context)
    await checkPatients(patient, held, context)
    try {
      return await store.read(options, async registry => {
        const reader = tellingVersions(view.through(registry), query, config)
        const found = await ofPatient(await query.select(asked.given, reader), held, registry)
        if (found.length > options.limit) throw new TooManyResults()
        // Known from the query, or else from what it has found.
        const patientIds = patient.length > 0 ? [] : await patientsOf(found, registry)
        const isMixed = options.fragments && query.singlePatient === true && patientIds.length > 1
        const resultFindings = isMixed
          ? [severalPatients(query)]
          : await unknownPatients(query, patient, config, registry)
        return resultFindings.length > 0
          ? refused(resultFindings)
          : answerWith(found, options, { store, config }, patientIds)
      })
    } catch (problem) {
      if (!(problem instanceof TooManyResults)) throw problem
      return refused([tooMany(query, request.returnType, options.limit)])
    }
  },
)

function patientsOf(found: readonly Found[], registry: RegistryReader): Promise<string[]> {
  return registry.patientIdsOf(found.filter(object => object.kind !== 'Association').map(object => object.key))
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
