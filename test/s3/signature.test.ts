import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { encoded, encodedQuery, signer } from '../../s3/signature.js'

const nothing = createHash('sha256').digest('hex')
const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const epochMs = Date.UTC(2013, 4, 24)
const host = 'examplebucket.s3.amazonaws.com'

describe('the signature of a request to an object storage', () => {
  const sign = signer('us-east-1')

  // The requests and signatures that the documentation of Signature Version 4 works out.
  it('is that of the documented GET with a range', () => {
    const headers = { range: 'bytes=0-9' }
    const signed = sign(
      { method: 'GET', host, path: '/test.txt', query: {}, headers, bodySha256: nothing },
      credentials,
      epochMs,
    )
    expect(signed.authorization).to.equal(
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, ' +
        'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, ' +
        'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    )
  })

  it('is that of the documented PUT', () => {
    const headers = { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' }
    const bodySha256 = createHash('sha256').update('Welcome to Amazon S3.').digest('hex')
    const signed = sign(
      { method: 'PUT', host, path: '/test%24file.text', query: {}, headers, bodySha256 },
      credentials,
      epochMs,
    )
    expect(signed.authorization).to.match(/Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd$/)
  })

  it('is that of the documented list', () => {
    const query = { prefix: 'J', 'max-keys': '2' }
    const signed = sign(
      { method: 'GET', host, path: '/', query, headers: {}, bodySha256: nothing },
      credentials,
      epochMs,
    )
    expect(signed.authorization).to.match(/Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7$/)
  })

  it('holds the token of credentials that hold for a while, and another key for another day or secret', () => {
    const request = { method: 'GET', host, path: '/', query: {}, headers: {}, bodySha256: nothing }
    const plain = sign(request, credentials, epochMs)
    const withToken = sign(request, { ...credentials, sessionToken: 'a-token' }, epochMs)
    expect(withToken['x-amz-security-token']).to.equal('a-token')
    expect(withToken.authorization).to.include(';x-amz-security-token,')
    const others = [
      sign(request, credentials, epochMs + 86_400_000),
      sign(request, { ...credentials, secretAccessKey: 'other' }, epochMs),
    ]
    expect(new Set([plain, ...others].map(({ authorization }) => authorization)).size).to.equal(3)
    expect(sign(request, credentials, epochMs)).to.deep.equal(plain)
  })
})

describe('percent-encoding', () => {
  it('leaves only what RFC 3986 calls unreserved, and sorts a query', () => {
    expect(encoded("a b/c~d!*'()é")).to.equal('a%20b%2Fc~d%21%2A%27%28%29%C3%A9')
    expect(encodedQuery({ b: '2', uploads: '', a: '1/2' })).to.equal('a=1%2F2&b=2&uploads=')
  })
})
