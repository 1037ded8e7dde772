// AWS Signature Version 4 in the headers of a request, as every S3-compatible object storage takes it.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
import { createHash, createHmac } from 'node:crypto'

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  /** Of credentials that hold for a while only. */
  sessionToken?: string
}

export interface Unsigned {
  method: string
  host: string
  /** Percent-encoded, beginning with a slash. */
  path: string
  /** As they are; encoded here. */
  query: Readonly<Record<string, string>>
  /** Names in lower case. Those that are to be sent and signed; others may be added afterwards. */
  headers: Readonly<Record<string, string>>
  /** SHA-256 of the body in hex. */
  bodySha256: string
}

export type Sign = (request: Unsigned, credentials: Credentials, epochMs: number) => Record<string, string>

/** Keys of a day are made once. */
export function signer(region: string): Sign {
  let made: { secret: string; day: string; key: Buffer } | undefined

  function keyFor(secret: string, day: string): Buffer {
    if (made?.secret !== secret || made.day !== day) {
      const key = [region, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, day))
      made = { secret, day, key }
    }
    return made.key
  }

  return (request, { accessKeyId, secretAccessKey, sessionToken }, epochMs) => {
    const time = `${new Date(epochMs).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
    const day = time.slice(0, 8)
    const headers: Record<string, string> = {
      ...request.headers,
      host: request.host,
      'x-amz-content-sha256': request.bodySha256,
      'x-amz-date': time,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
    }
    const names = Object.keys(headers).sort()
    const canonical = [
      request.method,
      request.path,
      encodedQuery(request.query),
      ...names.map(name => `${name}:${headers[name]}`),
      '',
      names.join(';'),
      request.bodySha256,
    ].join('\n')
    const scope = `${day}/${region}/s3/aws4_request`
    const toSign = ['AWS4-HMAC-SHA256', time, scope, createHash('sha256').update(canonical).digest('hex')].join('\n')
    const signature = hmac(keyFor(secretAccessKey, day), toSign).toString('hex')
    return {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
    }
  }
}

/** In the order in which it is signed. */
export function encodedQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&')
}

/** As RFC 3986 knows unreserved characters: encodeURIComponent leaves five more. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, each => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
