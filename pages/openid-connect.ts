// Sign-in by an identity provider: OpenID Connect Core 1.0 with the authorization code, PKCE, state and nonce.
// The only door to openid-client.
import * as client from 'openid-client'
import type { Clock } from '../ports/clock.js'
import type { ClientTls, Network } from '../ports/network.js'
import type { Randomness } from '../ports/randomness.js'
import { wholeBody } from '../ports/whole-body.js'

export interface OpenIdConnectClient {
  issuer: string
  clientId: string
  clientSecret?: string
  /** PEM. */
  ca?: Buffer
  scope: string
  /** Where the provider sends the browser back to. */
  redirectUri: string
}

export interface OpenIdConnect {
  /** Where the browser goes, and what it has to bring back from there in a cookie. */
  begin(): Promise<{ to: URL; cookie: string }>
  /** Claims of the ID token. @throws Error, in words for the log, when anything does not agree. */
  finish(search: string, cookie: string | undefined): Promise<Readonly<Record<string, unknown>> & { sub: string }>
  close(): void
}

/** One sign-in that is under way, by what its cookie says. */
interface UnderWay {
  verifier: string
  nonce: string
  state: string
  untilMs: number
}

const holdsMs = 10 * 60_000
const mostUnderWay = 1_000
const timeoutMs = 10_000
const mostBytes = 1_048_576

/** The provider is asked for its description when somebody first signs in, not before: pages start while it is away. */
export function openIdConnect(
  about: OpenIdConnectClient,
  { network, clock, randomness }: { network: Network; clock: Pick<Clock, 'monotonicMs'>; randomness: Randomness },
): OpenIdConnect {
  const underWay = new Map<string, UnderWay>()
  const http = network.httpClient(about.ca === undefined ? undefined : ({ ca: about.ca } satisfies ClientTls))
  const random = () => randomness.bytes(32).toString('base64url')
  let found: Promise<client.Configuration> | undefined

  /** What the provider says of itself, asked for when somebody first signs in; where that failed, by the next one again. */
  function provider(): Promise<client.Configuration> {
    const { issuer, clientId, clientSecret } = about
    const proof = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret)
    found ??= client
      .discovery(new URL(issuer), clientId, undefined, proof, {
        [client.customFetch]: asked,
        timeout: timeoutMs / 1000,
      })
      .catch(problem => {
        found = undefined
        throw problem
      })
    return found
  }

  async function asked(url: string, { method, headers, body }: client.CustomFetchOptions): Promise<Response> {
    const { hostname, protocol } = new URL(url)
    if (protocol !== 'https:') throw new Error(`${hostname} is not asked without TLS`)
    const pieces = body === undefined || body === null ? [] : [Buffer.from(String(body))]
    const answer = await http.call({ url, method: method as 'GET' | 'POST', headers, body: pieces, timeoutMs })
    const tooLong = () => new Error(`${hostname} sends more than ${mostBytes} bytes`)
    const read = await wholeBody(answer.body, mostBytes, tooLong)
    const type = answer.headers['content-type']
    const init = { status: answer.status, ...(type !== undefined && { headers: { 'content-type': type } }) }
    return new Response(answer.status === 204 ? null : read, init)
  }

  return {
    async begin() {
      const configuration = await provider()
      const now = clock.monotonicMs()
      for (const [cookie, { untilMs }] of underWay) {
        if (untilMs < now || underWay.size >= mostUnderWay) underWay.delete(cookie)
      }
      const [cookie, verifier, nonce, state] = [random(), random(), random(), random()]
      underWay.set(cookie, { verifier, nonce, state, untilMs: now + holdsMs })
      const to = client.buildAuthorizationUrl(configuration, {
        redirect_uri: about.redirectUri,
        scope: about.scope,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      })
      return { to, cookie }
    },
    async finish(search, cookie = '') {
      const expected = underWay.get(cookie)
      underWay.delete(cookie)
      if (expected === undefined || expected.untilMs < clock.monotonicMs()) {
        throw new Error('this browser has not begun to sign in, or long ago')
      }
      const tokens = await client.authorizationCodeGrant(await provider(), new URL(`${about.redirectUri}?${search}`), {
        pkceCodeVerifier: expected.verifier,
        expectedNonce: expected.nonce,
        expectedState: expected.state,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (claims === undefined) throw new Error('there is no ID token')
      return claims
    },
    close: () => http.close(),
  }
}
