// A document source and consumer for tests of commands: submits, remembers what it was answered, and looks whether it is still there.
import { randomBytes } from 'node:crypto'
import { systemPorts } from '../../ports/ports.js'
import { openCaller } from '../../server/caller.js'
import { contentToSend } from '../../transactions/submission-codec.js'
import { provideAndRegisterDocumentSet, retrieveDocumentSet } from '../../transactions/xds.js'
import type { RegistryResponse } from '../../transactions/xds-messages.js'
import type { RunningDeployment } from '../peers/a-deployment.js'
import { anEntry, bytesFrom } from '../repository/a-repository.js'
import { aSubmission } from '../samples/submission.js'

export interface Kept {
  uniqueId: string
  entryUUID: string
  bytes: Buffer
}

export function aSource({ urls, partner, repositoryUniqueId }: RunningDeployment) {
  const caller = openCaller({ tls: partner, ports: systemPorts })
  const acknowledged: Kept[] = []

  async function send(bytes: Buffer, patientId?: string): Promise<{ response: RegistryResponse; kept: Kept }> {
    const entry = anEntry()
    const submission = aSubmission({ documentEntries: [patientId === undefined ? entry : { ...entry, patientId }] })
    const of = patientId === undefined ? submission : withPatient(submission, patientId)
    const content = contentToSend({ contentType: entry.mimeType, sizeBytes: bytes.length, open: () => [bytes] })
    const { response } = await caller.call(
      provideAndRegisterDocumentSet,
      { submission: of, documents: [{ id: entry.entryUUID, content }] },
      { url: urls.repository },
    )
    return { response, kept: { uniqueId: entry.uniqueId ?? '', entryUUID: entry.entryUUID, bytes } }
  }

  return {
    caller,
    /** What was answered with Success. */
    acknowledged,
    send,
    async submit(bytes = randomBytes(2_000)): Promise<Kept> {
      const { response, kept } = await send(bytes)
      if (response.status !== 'Success') throw new Error(JSON.stringify(response.errors))
      acknowledged.push(kept)
      return kept
    },
    /** Undefined where there is no such document. */
    async retrieve(documentUniqueId: string): Promise<Buffer | undefined> {
      const { response } = await caller.call(
        retrieveDocumentSet,
        { documents: [{ repositoryUniqueId, documentUniqueId }] },
        { url: urls.repository },
      )
      const [document] = response.documents
      return document === undefined ? undefined : bytesFrom(document.open())
    },
    close: () => caller.close(),
  }
}

function withPatient(submission: ReturnType<typeof aSubmission>, patientId: string) {
  return { ...submission, submissionSets: submission.submissionSets.map(set => ({ ...set, patientId })) }
}
