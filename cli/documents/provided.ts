// A ProvideAndRegisterDocumentSetRequest whose documents are read from their files while they are sent. [ITI TF-2:3.41.4.1.2]
import type { Submission } from '../../metadata/model.js'
import { contentToSend } from '../../transactions/submission-codec.js'
import type { ProvideAndRegisterRequest } from '../../transactions/xds-messages.js'
import type { Context } from '../context.js'
import { type FileToSend, percent } from './read-file.js'

/** Files in the order of the DocumentEntries that describe them. */
export function provided(
  submission: Submission,
  files: FileToSend[],
  { terminal }: Context,
): ProvideAndRegisterRequest {
  const documents = submission.documentEntries.map(({ entryUUID, mimeType }, index) => {
    const file = files[index]!
    const open = () => watched(file, line => terminal.progress(line))
    return { id: entryUUID, content: contentToSend({ contentType: mimeType, sizeBytes: file.sizeBytes, open }) }
  })
  return { submission, documents }
}

const largeBytes = 32 * 1024 * 1024

async function* watched({ name, sizeBytes, open }: FileToSend, progress: (line: string) => void) {
  let sent = 0
  for await (const piece of open()) {
    sent += piece.length
    if (sizeBytes > largeBytes) progress(`sending ${name}: ${percent(sent, sizeBytes)}`)
    yield piece
  }
}
