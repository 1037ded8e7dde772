// FHIR over HTTP: which form is spoken, how a body is read within its bound, how an answer or a refusal looks.
// FHIR R4, "RESTful API"; RFC 9110.
import type { HttpReply, HttpRequest } from '../../../ports/network.js'
import { wholeBody } from '../../../ports/whole-body.js'
import { type FhirFault, type FhirObject, isObject } from './fhir-json.js'
import { resourceOfXml, resourceXml } from './fhir-xml.js'
import { tooMuchIn } from './json-bounds.js'

export interface FhirAnswer {
  status: number
  resource: FhirObject
  headers?: Record<string, string>
}

/** What a caller is told as an OperationOutcome. [FHIR R4 OperationOutcome] */
export class FhirProblem extends Error {
  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 406 | 413 | 415 | 422 | 503,
    /** Of the value set issue-type. */
    readonly code: string,
    message: string,
    readonly faults: readonly FhirFault[] = [],
  ) {
    super(message)
  }
}

/** The trace stands in an issue of its own, as information. [FHIR R4: OperationOutcome] */
export function outcomeOf({ code, message, faults }: FhirProblem, traceId: string): FhirObject {
  const issues =
    faults.length > 0
      ? faults.map(({ expression, fault }) => ({
          severity: 'error',
          code,
          diagnostics: `${expression} ${fault}`,
          expression: [expression],
        }))
      : [{ severity: 'error', code, diagnostics: message }]
  return {
    resourceType: 'OperationOutcome',
    issue: [...issues, { severity: 'information', code: 'informational', diagnostics: `trace ${traceId}` }],
  }
}

export type Form = 'json' | 'xml'

const forms: Readonly<Record<string, Form>> = {
  json: 'json',
  xml: 'xml',
  '*/*': 'json',
  'application/*': 'json',
  'application/fhir+json': 'json',
  'application/json': 'json',
  'text/json': 'json',
  'application/fhir+xml': 'xml',
  'application/xml': 'xml',
  'text/xml': 'xml',
}

/** `_format` counts for more than Accept; nothing said is JSON. */
export function formOf(request: Pick<HttpRequest, 'headers'>, asked: string | undefined): Form {
  const wanted = asked ?? request.headers.accept ?? '*/*'
  const ranked = wanted.split(',', 20).flatMap(item => {
    const [type = '', ...parameters] = item.split(';').map(part => part.trim().toLowerCase())
    const weight = parameters.map(one => /^q=([01](?:\.\d{0,3})?)$/.exec(one)?.[1]).find(one => one !== undefined)
    const form = Object.hasOwn(forms, type.replace(' ', '+')) ? forms[type.replace(' ', '+')] : undefined
    return form === undefined || Number(weight ?? 1) === 0 ? [] : [{ form, weight: Number(weight ?? 1) }]
  })
  const [first] = ranked.sort((one, other) => other.weight - one.weight)
  if (first !== undefined) return first.form
  throw new FhirProblem(
    406,
    'not-supported',
    `${wanted.slice(0, 100)} cannot be given; application/fhir+json and application/fhir+xml can`,
  )
}

/** XML and narratives hold what anybody has sent: a browser that is led to them shows them, and runs nothing. */
export const harmless = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
}

export function send(reply: HttpReply, { status, resource, headers = {} }: FhirAnswer, form: Form): void {
  const body = form === 'json' ? JSON.stringify(resource) : resourceXml(resource)
  reply.start(status, {
    'content-type': `application/fhir+${form}; charset=utf-8`,
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    ...harmless,
    ...headers,
  })
  reply.stream.end(body)
}

/** Bytes of all bodies under way, so that senders together cannot fill the memory. */
export function openBodies(mostBytes: number, mostHeldBytes: number) {
  let held = 0
  return async function bodyOf({ body }: HttpRequest): Promise<Buffer> {
    let length = 0
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const piece of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        length += piece.length
        held += piece.length
        if (held > mostHeldBytes && length <= mostBytes)
          throw new FhirProblem(503, 'throttled', 'too much is under way here; send this again a little later')
        yield piece
      }
    }
    try {
      const tooLong = () => new FhirProblem(413, 'too-long', `a request may have ${mostBytes} bytes; send several`)
      return await wholeBody(counted(), mostBytes, tooLong)
    } finally {
      held -= length
    }
  }
}

/** Without a content type JSON. @throws FhirProblem 415 for another form, 400 where it cannot be read. */
export function resourceIn(body: Buffer, contentType: string | undefined): FhirObject {
  const [type = ''] = (contentType ?? 'application/fhir+json').split(';').map(part => part.trim().toLowerCase())
  const form = type.includes('*') || !Object.hasOwn(forms, type) ? undefined : forms[type]
  if (form === undefined) {
    throw new FhirProblem(
      415,
      'not-supported',
      `${type.slice(0, 100)} is not taken; application/fhir+json and application/fhir+xml are`,
    )
  }
  try {
    const value: unknown = form === 'xml' ? resourceOfXml(body) : parsedJson(body)
    if (isObject(value)) return value
  } catch (problem) {
    throw new FhirProblem(400, 'structure', `the body cannot be read: ${(problem as Error).message.slice(0, 300)}`)
  }
  throw new FhirProblem(400, 'structure', 'the body is not a resource')
}

function parsedJson(body: Buffer): unknown {
  const tooMuch = tooMuchIn(body)
  if (tooMuch !== undefined) throw new Error(tooMuch)
  return JSON.parse(utf8(body))
}

function utf8(body: Buffer): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(body)
}
