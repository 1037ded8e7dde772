// ITI-51 Multi-Patient Stored Query, as the Document Registry answers it where the deployment wants it. ITI TF-2 §3.51.4.1.
import type { Finding } from '../metadata/model.js'
import { serve } from '../server/actor.js'
import { multiPatientStoredQuery } from '../transactions/mpq.js'
import type { RegistryContext } from './context.js'
import { checkPatients, heldTo, ofPatient } from './held-to-patient.js'
import { answerWith, readOptionsFor, refusedQuery, tooMany, unknownPatients } from './queries/answer.js'
import { askedOf, requestFindings } from './queries/asked.js'
import { type View, viewFor } from './queries/in-domain.js'
import { type MultiPatientQuery, multiPatientQueries } from './queries/multi-patient-queries.js'
import { type Found, type ReadOptions, TooManyResults } from './store/reader.js'

export const serveMultiPatientStoredQuery = serve(
  multiPatientStoredQuery,
  async (request, context: RegistryContext, exchange) => {
    const { store, config, domain } = context
    const refused = (findings: readonly Finding[]) => refusedQuery(findings, exchange.trace.traceId)
    if (!config.multiPatientQueries) return refused([switchedOff])
    const query = multiPatientQueries.get(request.id)
    const asked = query === undefined ? undefined : askedOf(query, request.slots)
    const view = viewFor(request, query, domain, exchange.partner)
    const findings = [...requestFindings(request, multiPatientQueries), ...(asked?.findings ?? []), ...view.findings]
    if (query === undefined || asked === undefined || findings.length > 0) return refused(findings)

    const options = readOptionsFor(request, config, exchange.partner)
    const patients = asked.given.patientId as string[] | undefined
    const held = await heldTo(exchange, context)
    await checkPatients(patients ?? [], held, context)
    try {
      const selection = await selected(query, { given: asked.given, view }, context, options)
      return await store.read(options, async registry => {
        const found = await ofPatient(selection, held, registry)
        const unknown = await unknownPatients(query, patients ?? [], config, registry)
        if (unknown.length > 0) return refused(unknown)
        const patientIds = patients === undefined ? await registry.patientIdsOf(found.map(({ key }) => key)) : []
        return answerWith(found, options, context, patientIds)
      })
    } catch (problem) {
      if (!(problem instanceof TooManyResults)) throw problem
      return refused([tooMany(query, request.returnType, options.limit)])
    }
  },
)

/** Objects looked at in one step when nobody's patients are named: other requests are answered between two of them. */
const objectsInAStep = 5_000

async function selected(
  query: MultiPatientQuery,
  { given, view }: { given: Readonly<Record<string, unknown>>; view: View },
  { store, ports }: RegistryContext,
  options: ReadOptions,
): Promise<Found[]> {
  if (given.patientId !== undefined) return store.read(options, registry => query.select(given, view.through(registry)))
  const found: Found[] = []
  for (let after = 0; ; ) {
    const step = await store.read(options, async registry => {
      const range = await registry.rangeAfter(query.finds, after, objectsInAStep)
      return range && { range, found: await query.select({ ...given, range }, view.through(registry)) }
    })
    if (step === undefined) return found
    found.push(...step.found)
    if (found.length > options.limit) throw new TooManyResults()
    after = step.range.last
    await new Promise<void>(resolve => ports.clock.endOfTurn(resolve))
  }
}

const switchedOff: Finding = {
  code: 'XDSRegistryError',
  object: 'AdhocQueryRequest',
  rule: 'ITI TF-2:3.51.4.1',
  expected: 'a query for one patient by ITI-18: this registry answers none for several (registry.multiPatientQueries)',
  found: 'a Multi-Patient Stored Query',
}
