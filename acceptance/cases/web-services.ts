// SOAP 1.2 and WS-Addressing as Appendix V asks for them. ITI TF-2 Appendix V.3.
import { registryStoredQuery, retrieveDocumentSet } from '../../transactions/xds.js'
import type { Case } from '../case.js'
import { holds, succeeded } from '../judge.js'
import { storedQueryIds } from '../stored-queries.js'

const clause = 'ITI TF-2: Appendix V.3'
const nothing = {
  id: storedQueryIds.GetDocuments,
  returnType: 'LeafClass',
  slots: [{ name: '$XDSDocumentEntryUniqueId', values: ["('2.999.404')"] }],
}

export const webServiceCases: readonly Case[] = [
  {
    ...{
      id: 'soap/relates-to',
      title: 'an answer names the message that it answers',
      clause: 'WS-Addressing 1.0 Core: 3.4',
    },
    async try({ target }) {
      const answer = await target.send(registryStoredQuery, nothing)
      return holds(
        answer.addressing.relatesTo === answer.messageID,
        `wsa:RelatesTo ${answer.messageID}`,
        answer.addressing.relatesTo ?? 'none',
      )
    },
  },
  {
    ...{ id: 'soap/action', title: "an answer has its transaction's action", clause },
    async try({ target }) {
      const answer = await target.send(registryStoredQuery, nothing)
      return [
        ...succeeded(answer),
        ...holds(
          answer.action === registryStoredQuery.responseAction,
          registryStoredQuery.responseAction,
          answer.action || 'no action',
        ),
      ]
    },
  },
  ...([registryStoredQuery, retrieveDocumentSet] as const).map(
    (contract): Case => ({
      ...{
        id: `soap/unknown-action/${contract.id}`,
        title: `an action that does not exist, where ${contract.id} is answered`,
        clause,
      },
      async try({ target }) {
        const contractOf = { ...registryStoredQuery, id: contract.id }
        const answer = await target.send(contractOf, nothing, { action: 'urn:ihe:iti:2007:NoSuchTransaction' })
        return holds(answer.fault !== undefined, 'a SOAP fault', answer.status)
      },
    }),
  ),
  {
    ...{
      id: 'soap/must-understand',
      title: 'a header that must be understood and is not',
      clause: 'SOAP 1.2 Part 1: 5.4.8',
    },
    async try({ target }) {
      const header =
        '<x:Unheard xmlns:x="urn:oid:2.999.9" soap:mustUnderstand="true" xmlns:soap="http://www.w3.org/2003/05/soap-envelope"/>'
      const answer = await target.send(registryStoredQuery, nothing, { headers: [header] })
      return holds(/MustUnderstand/i.test(answer.fault ?? ''), 'fault MustUnderstand', answer.fault ?? answer.status)
    },
  },
  {
    ...{ id: 'soap/other-element', title: 'a Body that holds another request than its action says', clause },
    async try({ target }) {
      const encoded = { xml: ['<x:Nothing xmlns:x="urn:oid:2.999.9"/>'] }
      const answer = await target.send(registryStoredQuery, nothing, { encoded })
      return holds(answer.fault !== undefined || answer.status === 'Failure', 'a SOAP fault', answer.status)
    },
  },
]
