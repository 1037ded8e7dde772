// Requests as bytes, written by the contracts as a partner of ours would write them.

import { systemFiles } from '../../ports/files.js'
import { systemRandomness } from '../../ports/randomness.js'
import type { MessageForm } from '../../soap/message.js'
import { readMessage } from '../../soap/read-message.js'
import { openSpool } from '../../soap/spool.js'
import { writeMessage } from '../../soap/write-message.js'
import type { Transaction } from '../../transactions/transaction.js'
import type { Received, Sent } from './a-domain.js'

export async function written<Request>(
  contract: Pick<Transaction<Request, unknown>, 'request' | 'action' | 'mtom'>,
  request: Request,
  form: MessageForm = contract.mtom ? 'MTOM' : 'plain',
): Promise<Sent> {
  const message = writeMessage(
    {
      form,
      action: contract.action,
      messageID: `urn:uuid:${systemRandomness.uuid()}`,
      to: 'https://domain.test/',
      body: contract.request.encode(request),
    },
    systemRandomness,
  )
  const pieces: Uint8Array[] = []
  for await (const piece of message.pieces) pieces.push(Buffer.from(piece))
  return { headers: { 'content-type': message.contentType }, body: Buffer.concat(pieces) }
}

const spool = openSpool({
  files: systemFiles,
  randomness: systemRandomness,
  folder: '',
  inMemoryBytes: Number.MAX_SAFE_INTEGER,
})
const limits = {
  envelopeBytes: 50_000_000,
  inlineDocumentBytes: 50_000_000,
  attachmentBytes: 50_000_000,
  attachments: 1_000,
}

/** The answer as a partner reads it. @throws SoapFault when the envelope is none */
export async function read<Response>(
  contract: Pick<Transaction<unknown, Response>, 'response'>,
  { headers, body }: Received,
): Promise<Response> {
  const message = await readMessage(
    {
      headers,
      body: (async function* () {
        yield body
      })(),
    },
    { limits, spool },
  )
  return contract.response.decode(message.body!, message)
}
