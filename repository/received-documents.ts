// The documents of one ITI-41 as they have arrived: the bytes spooled and measured, whatever way they came.
import { digestInSteps } from '../metadata/digest.js'
import { canonicalId } from '../metadata/entry-uuid.js'
import type { DocumentEntry, Finding, Submission } from '../metadata/model.js'
import type { Steps } from '../ports/turns.js'
import type { Spooled } from '../soap/message.js'
import type { Spool } from '../soap/spool.js'
import type { FaultyDocument, ProvideAndRegisterRequest } from '../transactions/xds-messages.js'

export interface ReceivedDocument {
  /** Document@id: that of its DocumentEntry. */
  id: string
  content: Spooled
}

/** An ITI-41 with its documents at hand. */
export interface ReceivedSubmission {
  submission: Submission
  documents: ReceivedDocument[]
  faultyDocuments: FaultyDocument[]
}

/** What the repository itself has to say of an ITI-41; one of its rules. */
export type Rule = (received: ReceivedSubmission) => Finding[]

/** Spools what came inline, so that all documents are alike from here on. */
export async function receive(request: ProvideAndRegisterRequest, spool: Spool): Promise<ReceivedSubmission> {
  const documents: ReceivedDocument[] = []
  try {
    for (const { id, content } of request.documents) {
      const spooled = 'attachment' in content ? content.attachment.content : await spoolInline(content.inline, spool)
      documents.push({ id: canonicalId(id), content: spooled })
    }
    return { submission: request.submission, documents, faultyDocuments: request.faultyDocuments ?? [] }
  } catch (problem) {
    await discard(documents)
    throw problem
  }
}

/** Forgets the bytes that have not been kept. */
export async function discard(documents: ReceivedDocument[]): Promise<void> {
  for (const { content } of documents) await content.discard()
}

/** Equal for submissions that say the same about the same bytes, however they were written down. */
export function digestOf(received: ReceivedSubmission): Steps<string> {
  const contents = new Map(pairs(received).map(([entry, { content }]) => [entry, content.sha256]))
  return digestInSteps(received.submission, entry => contents.get(entry))
}

/** Entries with the document that is theirs, where that can be told. */
export function pairs({ submission, documents }: ReceivedSubmission): [DocumentEntry, ReceivedDocument][] {
  // Of several documents with one id the first counts.
  const byId = new Map(documents.toReversed().map(document => [document.id, document]))
  return submission.documentEntries.flatMap(entry => {
    const document = byId.get(entry.entryUUID)
    return document === undefined ? [] : [[entry, document] satisfies [DocumentEntry, ReceivedDocument]]
  })
}

async function spoolInline(bytes: Buffer, spool: Spool): Promise<Spooled> {
  const writer = spool.receive()
  try {
    await writer.write(bytes)
    return await writer.end()
  } catch (problem) {
    await writer.abort()
    throw problem
  }
}
