// Documents back from the repository, byte by byte, and what is said of those that are not there. ITI TF-2 §3.43.
import type { DocumentEntry } from '../../metadata/model.js'
import { retrieveDocumentSetResponse } from '../../transactions/retrieve-codec.js'
import { ofKind, slotIn } from '../answer.js'
import type { Bench } from '../bench.js'
import type { Case, Disagreement } from '../case.js'
import { holds, outcomeOf, refused, succeeded } from '../judge.js'
import { contentOf, sha1Of } from '../sample.js'
import { listValue } from '../stored-queries.js'
import type { Received } from '../target.js'
import { aDocument } from './relationships.js'

export const retrievalCases: readonly Case[] = [
  named('one', 'a document comes back as it was sent', 'ITI TF-2:3.43.4.2.3', async bench => {
    const entry = await aDocument(bench)
    const answer = await bench.retrieve(await requested(bench, entry))
    return [...succeeded(answer), ...(await same(answer, [entry]))]
  }),
  named('many', 'several documents come back in one answer', 'ITI TF-2:3.43.4.2.3', async bench => {
    const entries = [await aDocument(bench), await aDocument(bench), await aDocument(bench)]
    const answer = await bench.retrieve(await requested(bench, ...entries))
    return [...succeeded(answer), ...(await same(answer, entries))]
  }),
  named(
    'metadata',
    'hash, size and media type of the entry are those of the bytes',
    'ITI TF-2:3.41.4.1.3',
    async bench => {
      const entry = await aDocument(bench)
      const answer = await bench.query('GetDocuments', { $XDSDocumentEntryEntryUUID: listValue(entry.entryUUID) })
      const [found] = ofKind('DocumentEntry', answer)
      const bytes = contentOf(entry.entryUUID)
      const [hash = 'none'] = found === undefined ? [] : slotIn(found, 'hash')
      const [size = 'none'] = found === undefined ? [] : slotIn(found, 'size')
      return [
        ...holds(hash.toLowerCase() === sha1Of(bytes), `hash ${sha1Of(bytes)}`, hash),
        ...holds(size === String(bytes.length), `size ${bytes.length}`, size),
      ]
    },
  ),
  named('replaced', 'a document that was replaced can still be retrieved', 'ITI TF-2:3.43.4.1.3', async bench => {
    const entry = await aDocument(bench)
    const newer = bench.samples.entry(entry.patientId!)
    const relation = bench.samples.association('RPLC', newer.entryUUID, entry.entryUUID)
    await bench.given(bench.samples.of(entry.patientId!, { entries: [newer], associations: [relation] }))
    const answer = await bench.retrieve(await requested(bench, entry))
    return [...succeeded(answer), ...(await same(answer, [entry]))]
  }),
  named('form', 'documents travel as MTOM attachments', 'ITI TF-2:3.43.4.2', async bench => {
    const answer = await bench.retrieve(await requested(bench, await aDocument(bench)))
    return [...succeeded(answer), ...holds(answer.form === 'MTOM', 'an MTOM package', answer.form ?? 'none')]
  }),
  named('unknown', 'a document that is not there', 'ITI TF-2:3.43.5', async bench => {
    const documents = [{ repositoryUniqueId: await bench.repositoryUniqueId(), documentUniqueId: bench.samples.oid() }]
    return refused(await bench.retrieve(documents), 'XDSDocumentUniqueIdError')
  }),
  named('wrong-repository', 'a document of another repository', 'ITI TF-2:3.43.5', async bench => {
    const [request] = await requested(bench, await aDocument(bench))
    return refused(await bench.retrieve([{ ...request!, repositoryUniqueId: '2.999.404' }]), 'XDSUnknownRepositoryId')
  }),
  named('partial', 'what is there comes with an error for what is not', 'ITI TF-3: Table 4.2.4.2-4', async bench => {
    const entry = await aDocument(bench)
    const [request] = await requested(bench, entry)
    const documentUniqueId = bench.samples.oid()
    const answer = await bench.retrieve([request!, { ...request!, documentUniqueId }])
    const named = answer.errors.some(
      ({ code, location }) => code === 'XDSDocumentUniqueIdError' && location.includes(documentUniqueId),
    )
    return [
      ...holds(answer.status === 'PartialSuccess', 'PartialSuccess', outcomeOf(answer)),
      ...holds(named, `XDSDocumentUniqueIdError at location ${documentUniqueId}`, outcomeOf(answer)),
      ...(await same(answer, [entry])),
    ]
  }),
  named('large', 'a document of a megabyte comes back as it was sent', 'ITI TF-2:3.43.4.2.3', async bench => {
    const patientId = await bench.patient(1)
    const entry = bench.samples.entry(patientId, { mimeType: 'application/pdf' })
    const bytes = Buffer.alloc(1_048_577, 'carnet\r\n\0')
    const sample = bench.samples.of(patientId, { entries: [entry] })
    await bench.given({ ...sample, contents: new Map([[entry.entryUUID, bytes]]) })
    const answer = await bench.retrieve(await requested(bench, entry))
    return [...succeeded(answer), ...(await same(answer, [entry], bytes))]
  }),
]

function named(id: string, title: string, clause: string, attempt: (bench: Bench) => Promise<Disagreement[]>): Case {
  return { id: `retrieve/${id}`, title, clause, try: attempt }
}

async function requested(bench: Bench, ...entries: DocumentEntry[]) {
  const repositoryUniqueId = await bench.repositoryUniqueId()
  return entries.map(({ uniqueId }) => ({ repositoryUniqueId, documentUniqueId: uniqueId! }))
}

async function same({ body, message }: Received, entries: DocumentEntry[], bytes?: Buffer): Promise<Disagreement[]> {
  if (body === undefined || message === undefined) return [{ expected: 'documents', found: 'a fault' }]
  const { documents } = retrieveDocumentSetResponse.decode(body, message)
  const found = new Map<string, { mimeType: string; hash: string }>()
  for (const { documentUniqueId, mimeType, open } of documents) {
    const pieces: Uint8Array[] = []
    for await (const piece of open()) pieces.push(piece)
    found.set(documentUniqueId, { mimeType, hash: sha1Of(Buffer.concat(pieces)) })
  }
  return [
    ...holds(documents.length === entries.length, `${entries.length} documents`, `${documents.length}`),
    ...entries.flatMap(({ uniqueId, entryUUID, mimeType }) => {
      const document = found.get(uniqueId!)
      const hash = sha1Of(bytes ?? contentOf(entryUUID))
      return [
        ...holds(document?.hash === hash, `${uniqueId} with SHA-1 ${hash}`, document?.hash ?? 'not there'),
        ...holds(document?.mimeType === mimeType, `${uniqueId} as ${mimeType}`, document?.mimeType ?? 'not there'),
      ]
    }),
  ]
}
