// Sign-in by OpenID Connect, with a provider of another make.
import { expect } from 'chai'
import { anIdentityProvider, type IdentityProvider } from './an-identity-provider.js'
import { type RunningPages, runningPages } from './running-pages.js'

describe('sign-in by OpenID Connect', function () {
  this.timeout(120_000)
  let pages: RunningPages
  let provider: IdentityProvider

  before(async () => {
    pages = await runningPages(async (config, folder) => {
      const origin = `https://localhost:${config.listen.port}`
      provider = await anIdentityProvider(folder, `${origin}/sign-in/openid/callback`)
      const readers = [
        { name: 'lea', roles: ['support' as const], commonNames: [], fingerprints: [], subjects: ['listed'] },
      ]
      return { ...config, openIdConnect: provider.config, readers }
    })
  })
  after(async () => {
    await pages?.close()
    await provider?.close()
  })

  async function begun() {
    const browser = pages.browser()
    const { body } = await browser.get('/sign-in')
    expect(body).to.contain('Sign in with Hospital')
    const { status, headers } = await browser.get('/sign-in/openid')
    expect(status).to.equal(303)
    return { browser, authorization: String(headers.location) }
  }

  async function back(browser: ReturnType<RunningPages['browser']>, url: string) {
    return browser.get(url.replace(pages.origin, ''))
  }

  it('asks with PKCE, state and nonce, and lets in whom the provider names with a role', async () => {
    const { browser, authorization } = await begun()
    const asked = new URL(authorization).searchParams
    expect(asked.get('code_challenge_method')).to.equal('S256')
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)?.length).to.be.at.least(43)
    const seen = await back(browser, await provider.signIn(authorization, 'anna'))
    expect(seen.status).to.equal(200)
    expect(seen.headers.refresh).to.equal('0; url=/')
    expect((await browser.get('/find')).body).to.contain('Signed in as anna@localhost')
  })

  it('gives a listed reader the role and the name of the list', async () => {
    const { browser, authorization } = await begun()
    await back(browser, await provider.signIn(authorization, 'listed'))
    expect((await browser.get('/find')).body).to.contain('Signed in as lea')
    expect((await browser.get('/watch')).status).to.equal(403)
  })

  it('lets nobody in who has no role', async () => {
    const { browser, authorization } = await begun()
    expect((await back(browser, await provider.signIn(authorization, 'nobody'))).status).to.equal(403)
    expect((await browser.get('/find')).status).to.equal(303)
  })

  it('takes no answer in another browser, a second time, without its state or with another code', async () => {
    const { browser, authorization } = await begun()
    const url = await provider.signIn(authorization, 'anna')
    const stranger = pages.browser()
    expect((await back(stranger, url)).status).to.equal(403)
    const other = await begun()
    expect((await back(other.browser, url)).status).to.equal(403)
    const forged = new URL(url)
    forged.searchParams.set('code', 'made-up')
    expect((await back(browser, forged.href)).status).to.equal(403)
    expect((await back(browser, url)).status).to.equal(403)
    expect((await back(browser, `${pages.origin}/sign-in/openid/callback`)).status).to.equal(403)
    expect((await browser.get('/find')).status).to.equal(303)
  })
})
