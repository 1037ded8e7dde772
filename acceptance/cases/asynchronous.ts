// Answers that come later, at an address that the requester names: asynchronous web services exchange. ITI TF-2 Appendix V.3.
import { registryStoredQuery, retrieveDocumentSet } from '../../transactions/xds.js'
import type { Case, Disagreement } from '../case.js'
import { holds, outcomeOf, succeeded } from '../judge.js'
import { NotTried } from '../not-tried.js'
import { storedQueryIds, textValue } from '../stored-queries.js'
import type { Received } from '../target.js'
import { aDocument } from './relationships.js'

const clause = 'ITI TF-2: Appendix V.3'
const option = 'Asynchronous Web Services Exchange'

export const asynchronousCases: readonly Case[] = [
  {
    ...{ id: 'soap/later/ITI-18', title: 'the answer to a query comes to the ReplyTo', clause, option },
    async try(bench) {
      const { uniqueId } = await aDocument(bench)
      const slots = [{ name: '$XDSDocumentEntryUniqueId', values: [`(${textValue(uniqueId!)})`] }]
      const query = { id: storedQueryIds.GetDocuments, returnType: 'LeafClass', slots }
      const answer = await bench.target.sendForLater(registryStoredQuery, query)
      const isFound = JSON.stringify(answer.body ?? {}).includes(uniqueId!)
      return [
        ...cameLater(answer, registryStoredQuery.responseAction, bench.target.replyTo),
        ...holds(isFound, `the entry of ${uniqueId}`, 'it is not in the answer'),
      ]
    },
  },
  {
    ...{ id: 'soap/later/ITI-43', title: 'a document comes to the ReplyTo', clause, option },
    async try(bench) {
      const { uniqueId } = await aDocument(bench)
      const documents = [{ repositoryUniqueId: await bench.repositoryUniqueId(), documentUniqueId: uniqueId! }]
      const answer = await bench.target.sendForLater(retrieveDocumentSet, { documents })
      return [
        ...cameLater(answer, retrieveDocumentSet.responseAction, bench.target.replyTo),
        ...holds(answer.form === 'MTOM', 'an MTOM package', answer.form ?? 'none'),
      ]
    },
  },
  {
    ...{ id: 'soap/later/elsewhere', clause: 'WS-Addressing 1.0 SOAP Binding: 6.4.1', option },
    title: 'nothing is sent to an address that the target has not been told of',
    async try({ target }) {
      const query = { id: storedQueryIds.GetDocuments, returnType: 'LeafClass', slots: [] }
      const replyTo = 'https://nobody.invalid/replies'
      const answer = await target.send(registryStoredQuery, query, { replyTo })
      if (answer.fault === undefined)
        throw new NotTried(`a ReplyTo of any address is taken or passed over: ${answer.status}`)
      const isRight = /OnlyAnonymousAddressSupported|InvalidAddress|InvalidAddressingHeader|EndpointUnavailable/.test(
        answer.fault,
      )
      return holds(isRight, 'a fault of WS-Addressing', outcomeOf(answer))
    },
  },
]

function cameLater(
  { messageID, addressing, action, ...answer }: Received,
  expected: string,
  url?: string,
): Disagreement[] {
  return [
    ...succeeded({ messageID, addressing, action, ...answer }),
    ...holds(addressing.relatesTo === messageID, `wsa:RelatesTo ${messageID}`, addressing.relatesTo ?? 'none'),
    ...holds(addressing.to === url, `wsa:To ${url}`, addressing.to ?? 'none'),
    ...holds(action === expected, expected, action || 'no action'),
  ]
}
