// What a repository says of the bytes in an ITI-41: whether they came, each document's its own, and as its entry says.
// The codes are explained in docs/decisions/0090-wrong-contents-are-xds-errors.md. [ITI TF-2:3.41.4.1.3]
import type { DocumentEntry, Finding } from '../metadata/model.js'
import { isoOf } from '../ports/clock.js'
import type { Spooled } from '../soap/message.js'
import { documentsWithoutContent } from '../transactions/document-faults.js'
import type { KeptDocument } from './document-store.js'
import { pairs, type ReceivedDocument, type ReceivedSubmission, type Rule } from './received-documents.js'

const contentsCanBeRead: Rule = ({ submission, faultyDocuments }) =>
  documentsWithoutContent(faultyDocuments, submission)

/** Two entries with the same bytes send them twice: each Document has a part of its own. */
const partsAreNotShared: Rule = ({ documents }) => {
  const users = new Map<Spooled, string>()
  return documents.flatMap(({ id, content }) => {
    const user = users.get(content)
    if (user === undefined) users.set(content, id)
    return user === undefined ? [] : [sharedPart(id, user)]
  })
}

const sharedPart = (id: string, user: string): Finding => ({
  code: 'XDSRepositoryMetadataError',
  object: `Document ${id}`,
  rule: 'ITI TF-2:3.41.4.1.2',
  expected: 'a MIME part of its own for each Document',
  found: `the part that Document ${user} refers to as well`,
})

/** No bytes are a document too, unless the entry says that there are some. [ITI TF-2:3.41.4.1.3] */
const sentBytesAreThere: Rule = received =>
  pairs(received)
    .filter(isForgotten)
    .map(([entry]) => ({
      code: 'XDSMissingDocument',
      object: nameOf(entry),
      rule: 'ITI TF-2:3.41.4.1.3',
      expected: entry.size === undefined ? `bytes with the SHA-1 ${entry.hash}` : `${entry.size} bytes`,
      found: 'a Document of no bytes',
    }))

function isForgotten([{ size, hash }, { content }]: [DocumentEntry, ReceivedDocument]): boolean {
  if (content.sizeBytes > 0) return false
  return size === undefined ? hash !== undefined && hash.toLowerCase() !== content.sha1 : /^0*[1-9]\d*$/.test(size)
}

/** [ITI TF-2:3.41.4.1.3] Hex digits of either case are the same hash. */
const sentHashIsRight: Rule = received =>
  arrived(received).flatMap(([entry, { content }]) =>
    entry.hash === undefined || entry.hash.toLowerCase() === content.sha1
      ? []
      : [
          contradicts(
            entry,
            'hash',
            `${content.sha1}, the SHA-1 of the ${content.sizeBytes} bytes received`,
            entry.hash,
          ),
        ],
  )

const sentSizeIsRight: Rule = received =>
  arrived(received).flatMap(([entry, { content }]) =>
    entry.size === undefined || (/^\d{1,15}$/.test(entry.size) && Number(entry.size) === content.sizeBytes)
      ? []
      : [contradicts(entry, 'size', `${content.sizeBytes}, the number of bytes received`, entry.size)],
  )

const arrived = (received: ReceivedSubmission) => pairs(received).filter(pair => !isForgotten(pair))

function contradicts(entry: DocumentEntry, attribute: 'hash' | 'size', expected: string, found: string): Finding {
  return {
    code: 'XDSRepositoryMetadataError',
    object: nameOf(entry),
    attribute,
    rule: 'ITI TF-2:3.41.4.1.3',
    expected,
    found,
  }
}

export const contentRules: readonly Rule[] = [
  contentsCanBeRead,
  partsAreNotShared,
  sentBytesAreThere,
  sentHashIsRight,
  sentSizeIsRight,
]

/** One uniqueId, one content, for ever: what a document must have in common with one that is registered. [ITI TF-2:3.41.4.1.3.2] */
export function contentDiffers(entry: DocumentEntry, { content }: ReceivedDocument, kept: KeptDocument): Finding[] {
  const since = `registered under uniqueId ${kept.uniqueId} with the submission of ${isoOf(kept.receivedMs)}`
  const about = { object: nameOf(entry), rule: 'ITI TF-2:3.41.4.1.3.2' }
  const findings: Finding[] = []
  if (content.sha1 !== kept.sha1) {
    findings.push({
      ...about,
      code: 'XDSNonIdenticalHash',
      attribute: 'hash',
      expected: `${kept.sha1}, ${since}`,
      found: content.sha1,
    })
  }
  if (content.sizeBytes !== kept.sizeBytes) {
    findings.push({
      ...about,
      code: 'XDSNonIdenticalSize',
      attribute: 'size',
      expected: `${kept.sizeBytes}, ${since}`,
      found: String(content.sizeBytes),
    })
  }
  if (findings.length === 0 && content.sha256 !== kept.sha256) {
    findings.push({
      ...about,
      code: 'XDSNonIdenticalHash',
      attribute: 'hash',
      expected: `SHA-256 ${kept.sha256}, ${since}`,
      found: `SHA-256 ${content.sha256}`,
    })
  }
  return findings
}

const nameOf = (entry: DocumentEntry) => `DocumentEntry ${entry.entryUUID}`
