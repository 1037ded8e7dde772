// A stored query with Slots as they stand, several values in one of them too. ITI TF-2 §3.18.4.1.2.3.5.
import type { Slot } from '../metadata/model.js'
import type { Encoded } from '../soap/message.js'
import { adhocQueryRequest } from '../transactions/adhoc-query-codec.js'
import { type QueryName, storedQueryIds } from './stored-queries.js'

export function encodedQuery(name: QueryName, slots: Slot[], returnType = 'LeafClass'): Encoded {
  return adhocQueryRequest.encode({ id: storedQueryIds[name], returnType, slots })
}
