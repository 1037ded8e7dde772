// The `soap` package as a partner uses it: a client from our WSDL, mutual TLS, SOAP 1.2, WS-Addressing.
import { randomUUID } from 'node:crypto'
import { Agent } from 'node:https'
import { type Client, ClientSSLSecurity, createClientAsync, type IMTOMAttachments } from 'soap'
import type { TlsIdentity } from '../../ports/network.js'

export interface Answer<Result> {
  result: Result
  /** What stood in the SOAP Header. */
  header: { Action?: unknown; RelatesTo?: unknown }
  /** What the client sent: the envelope, without the packaging. */
  sent: string
  attachments: IMTOMAttachments | undefined
}

/** What the package makes of a fault. */
export interface CallerError extends Error {
  response?: { status: number }
}

export async function clientFrom(url: string, { key, cert, ca }: TlsIdentity, soap12 = true): Promise<Client> {
  const client = await createClientAsync(`${url}?wsdl`, {
    disableCache: true,
    forceSoap12Headers: soap12,
    parseResponseAttachments: true,
    wsdl_options: { httpsAgent: new Agent({ key, cert, ca }) },
  })
  client.setSecurity(new ClientSSLSecurity(Buffer.from(key), Buffer.from(cert), Buffer.from(ca)))
  client.addSoapHeader(addressing)
  return client
}

// The package knows no WS-Addressing: its users write the headers themselves.
function addressing(_method: unknown, location: string, soapAction: string): string {
  const headers = {
    Action: soapAction,
    MessageID: `urn:uuid:${randomUUID()}`,
    ReplyTo: '<wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address>',
    To: location,
  }
  const namespace = 'xmlns:wsa="http://www.w3.org/2005/08/addressing"'
  return Object.entries(headers)
    .map(([name, value]) => `<wsa:${name} ${namespace} soap:mustUnderstand="1">${value}</wsa:${name}>`)
    .join('')
}

/** Rejects with what the package makes of a fault: a CallerError. The `…Async` functions are missing for names with a hyphen. */
export function call<Result>(
  client: Client,
  operation: string,
  request: object,
  options: object = {},
): Promise<Answer<Result>> {
  return new Promise((resolve, reject) => {
    client[operation](
      request,
      (
        problem: CallerError | null,
        result: Result,
        _raw: unknown,
        header: Answer<Result>['header'],
        sent: string,
        attachments?: IMTOMAttachments,
      ) => (problem ? reject(problem) : resolve({ result, header, sent, attachments })),
      options,
    )
  })
}
