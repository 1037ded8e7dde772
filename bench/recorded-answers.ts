// Recorded answers of other systems, read by Carnet's own codecs: nothing of them may be lost.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemFiles } from '../ports/files.js'
import { systemRandomness } from '../ports/randomness.js'
import type { SoapMessage } from '../soap/message.js'
import { readMessage } from '../soap/read-message.js'
import { openSpool } from '../soap/spool.js'
import { pixQuery } from '../transactions/hl7v3/pix-query.js'
import type { Transaction } from '../transactions/transaction.js'
import { provideAndRegisterDocumentSet, registryStoredQuery, retrieveDocumentSet } from '../transactions/xds.js'
import { type Checks, holds, same } from './checks.js'

export async function checkRecordedAnswers(
  check: Checks['check'],
  { samples, cara }: { samples: string; cara: string },
): Promise<void> {
  await check('ITI-18 answer: read without loss', async () => {
    const message = await messageIn(join(samples, 'ITI-18_response_raw.xml'))
    const { status, result } = read(registryStoredQuery, message)
    const [entry, ...others] = result?.documentEntries ?? []
    same([status, others.length], ['Success', 0], 'answer')
    const source = readFileSync(join(samples, 'ITI-18_response_raw.xml'), 'utf8')
    same(entry?.homeCommunityId, attribute(source, 'home'), 'home')
    same(entry?.logicalID, attribute(source, 'lid'), 'lid')
    same(String(entry?.version), /VersionInfo versionName="([^"]*)"/.exec(source)?.[1], 'version')
    same(
      entry?.extraMetadata.find(({ name }) => name === 'urn:e-health-suisse:2020:originalProviderRole')?.values,
      ['HCP^^^&2.16.756.5.30.1.127.3.10.6&ISO'],
      'originalProviderRole',
    )
  })
  await check('ITI-45 answer: the ids in both domains', async () => {
    const { patientIds, responseCode } = read(pixQuery, await messageIn(join(samples, 'ITI-45_response_raw.xml')))
    same(
      [responseCode, ...patientIds],
      [
        'OK',
        '7f2e05e6-673e-44b6-8b76-e17ac58ea80f^^^&1.3.6.1.4.1.21367.2017.2.5.93&ISO',
        '761337610435209810^^^&2.16.756.5.30.1.127.3.10.3&ISO',
      ],
      'answer',
    )
  })
  await check('ITI-41 answer in MTOM: Success', async () => {
    const message = await messageIn(join(samples, 'ITI-41_response_raw.xml'))
    same(read(provideAndRegisterDocumentSet, message).status, 'Success', 'status')
  })
  await check('ITI-43 answer without its document part: a clear error', async () => {
    try {
      read(retrieveDocumentSet, await messageIn(join(samples, 'ITI-43_response_raw.xml')))
    } catch (problem) {
      holds((problem as Error).message.length > 20, `"${(problem as Error).message}" says too little`)
      return
    }
    throw new Error('it was read as if the document were there')
  })
  await check('ITI-43 answer of a CXF service: the document is there', async () => {
    const { status, documents } = read(retrieveDocumentSet, await messageIn(join(cara, 'iti43-response.http')))
    same([status, documents.length], ['Success', 1], 'answer')
    holds((documents[0]?.sizeBytes ?? 0) > 0, 'the document is empty')
  })
}

function read<Response>(
  contract: Transaction<never, Response> | Transaction<unknown, Response>,
  message: SoapMessage,
): Response {
  if (message.body === undefined) throw new Error('the Body is empty')
  return contract.response.decode(message.body, message)
}

/** A bare envelope, or an HTTP dump whose lines before the head do not count. */
async function messageIn(path: string): Promise<SoapMessage> {
  const source = readFileSync(path)
  const start = source.indexOf('<')
  const head = source.toString('latin1', 0, start)
  const contentType = /^content-type: *(.*?)\r?$/im.exec(head)?.[1]
  const bodyStart = contentType === undefined ? start : /\r?\n\r?\n/.exec(head)
  const at = typeof bodyStart === 'number' ? bodyStart : (bodyStart?.index ?? 0) + (bodyStart?.[0].length ?? 0)
  const body = source.subarray(at)
  const folder = await systemFiles.temporaryFolder('carnet-interop-')
  const spool = openSpool({ files: systemFiles, randomness: systemRandomness, folder, inMemoryBytes: 1_048_576 })
  const limits = {
    envelopeBytes: 10_000_000,
    inlineDocumentBytes: 10_000_000,
    attachmentBytes: 10_000_000,
    attachments: 10,
  }
  const headers = { 'content-type': contentType ?? 'application/soap+xml; charset=utf-8' }
  try {
    return await readMessage({ headers, body: pieces(body) }, { limits, spool })
  } finally {
    await systemFiles.removeFolder(folder)
  }
}

async function* pieces(body: Buffer): AsyncGenerator<Buffer> {
  yield body
}

function attribute(source: string, name: string): string | undefined {
  return new RegExp(`<ExtrinsicObject[^>]*\\b${name}="([^"]*)"`).exec(source)?.[1]
}
