// An identity provider of another make (oidc-provider) with our development certificate, and people who are at it.
import * as https from 'node:https'
import { join } from 'node:path'
import Provider from 'oidc-provider'
import type { OpenIdConnectConfig } from '../../../config/audit-config.js'
import { systemPorts } from '../../../ports/ports.js'
import { openBrowser, type Seen } from './running-pages.js'

export interface IdentityProvider {
  config: OpenIdConnectConfig
  /** What the browser is sent back to, once this person has signed in there. */
  signIn(authorization: string, login: string): Promise<string>
  close(): Promise<void>
}

const people: Readonly<Record<string, object>> = {
  anna: { name: 'Anna Auditor', roles: ['audit-reader', 'something-else'] },
  nobody: { name: 'Nora Nobody', roles: ['something-else'] },
  listed: { name: 'Lea Listed' },
}

export async function anIdentityProvider(folder: string, redirectUri: string): Promise<IdentityProvider> {
  const read = (name: string) => systemPorts.files.readFile(join(folder, 'certs', name))
  const [key, cert] = await Promise.all([read('registry.key'), read('registry.pem')])
  let answer: https.RequestOptions | undefined
  let listener: Parameters<typeof https.createServer>[1]
  const server = https.createServer({ key, cert }, (request, response) => listener?.(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const issuer = `https://localhost:${port}`
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'carnet', client_secret: 'a-secret', redirect_uris: [redirectUri] }],
    claims: { openid: ['sub', 'roles'], profile: ['name'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['for the tests'] },
    pkce: { required: () => true },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
  })
  listener = provider.callback()
  const ca = await read('ca.pem')
  answer = { ca }
  await systemPorts.files.replace(join(folder, 'client-secret'), 'a-secret\n')
  return {
    config: {
      issuer,
      label: 'Hospital',
      clientId: 'carnet',
      clientSecretFile: join(folder, 'client-secret'),
      ca: join(folder, 'certs', 'ca.pem'),
      scope: 'openid profile',
      rolesClaim: 'roles',
      roles: { 'audit-reader': 'auditor' },
    },
    async signIn(authorization, login) {
      const browser = openBrowser(issuer, answer ?? {})
      const follow = async (seen: Seen): Promise<string> => {
        const location = String(seen.headers.location ?? '')
        if (location.startsWith(redirectUri)) return location
        if (location !== '') return follow(await browser.get(location.replace(issuer, '')))
        const action = /action="([^"]+)"/.exec(seen.body)?.[1]?.replace(issuer, '') ?? ''
        const prompt = /name="prompt" value="([^"]+)"/.exec(seen.body)?.[1] ?? ''
        return follow(await browser.post(action, { prompt, login, password: 'any' }))
      }
      return follow(await browser.get(authorization.replace(issuer, '')))
    },
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
