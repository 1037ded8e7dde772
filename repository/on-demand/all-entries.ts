// A question of a plug-in whose answer would be too long: a patient may have more documents than a registry tells at once, or than fit
// into an answer that can be read. Then they are read page by page. ITI TF-2 §3.18.4.1.2.6.
import { entriesInPages } from '../../transactions/entries-in-pages.js'
import type { AdhocQueryRequest, QueryResult } from '../../transactions/xds-messages.js'
import { type Asking, askRegistry, RegistrySilent } from './on-demand-entry.js'
import type { StoredQueryCall } from './plug-in.js'

const findDocuments = 'urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d'

/** What the registry says, and what our own reader of its answer. */
const tooLong = /XDSTooManyResults|more than \d+ elements|longer than \d+ bytes/

/** @throws RegistrySilent */
export async function askForAll(call: StoredQueryCall, asking: Asking): Promise<QueryResult> {
  try {
    return await askRegistry(call, asking)
  } catch (problem) {
    const isTooLong = problem instanceof RegistrySilent && tooLong.test(problem.message)
    if (!isTooLong || call.id !== findDocuments) throw problem
    const slots = Object.entries(call.parameters).map(([name, values]) => ({
      name,
      values: [values].flat() as string[],
    }))
    const find: AdhocQueryRequest = { id: call.id, returnType: 'LeafClass', slots }
    const documentEntries = await entriesInPages(find, ({ id, returnType, slots }) =>
      askRegistry({ id, returnType: returnType as 'LeafClass' | 'ObjectRef', parameters: parametersOf(slots) }, asking),
    )
    return { documentEntries, submissionSets: [], folders: [], associations: [], objectRefs: [] }
  }
}

function parametersOf(slots: AdhocQueryRequest['slots']): StoredQueryCall['parameters'] {
  return Object.fromEntries(slots.map(({ name, values }) => [name, values]))
}
