// GET on an endpoint: its WSDL and schemas for tools, and for people a page or a text that says what it takes.
import type { HttpReply, HttpRequest } from '../../ports/network.js'
import type { Endpoint } from '../endpoint.js'
import type { Surroundings } from '../trail.js'
import { described, descriptionText } from './description.js'
import { descriptionPage, pageHeaders } from './html.js'

/** `?wsdl` and `?xsd=NAME` for tools; else HTML for whoever accepts it and text for all others, with what this caller may ask. */
export async function describe<Context>(
  request: HttpRequest,
  reply: HttpReply,
  { path, search }: { path: string; search: string },
  endpoint: Endpoint<Context>,
  { limits }: Pick<Surroundings, 'limits'>,
): Promise<void> {
  const location = `${endpoint.origin}${path}`
  const query = new Map([...new URLSearchParams(search)].map(([name, value]) => [name.toLowerCase(), value]))
  if (query.has('wsdl')) return xml(reply, await endpoint.wsdl(location))
  const name = query.get('xsd')
  if (name !== undefined) return schema(reply, name, location, endpoint)
  const { peer, remoteAddress, headers } = request
  const facts = described(endpoint.actor, location, { partner: endpoint.identify(peer, remoteAddress), peer, limits })
  // Who one is differs from caller to caller: nobody in between may hand it on.
  const own = { 'cache-control': 'no-store', vary: 'accept' }
  return headers.accept?.includes('text/html') === true
    ? whole(reply, 200, { ...pageHeaders, ...own }, descriptionPage(facts))
    : whole(reply, 200, { ...plain, ...own }, descriptionText(facts))
}

async function schema<Context>(
  reply: HttpReply,
  name: string,
  location: string,
  endpoint: Endpoint<Context>,
): Promise<void> {
  const found = await endpoint.schema(name, location)
  if (found !== undefined) return xml(reply, found)
  const known = `the WSDL at ${location}?wsdl names those there are`
  return text(reply, 404, `There is no schema ${name.slice(0, 100)}; ${known}.\n`)
}

const plain = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }

/** Whole, in UTF-8, and the reply is over with it. */
export function text(reply: HttpReply, status: number, body: string): void {
  whole(reply, status, plain, body)
}

function xml(reply: HttpReply, body: Buffer): void {
  whole(reply, 200, { 'content-type': 'text/xml; charset=utf-8' }, body)
}

function whole(reply: HttpReply, status: number, headers: Record<string, string>, body: string | Buffer): void {
  reply.start(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) })
  reply.stream.end(body)
}
