// Every page in every language in a real browser, the system's Chromium: axe finds nothing serious, nothing hostile runs, all is
// reached by keyboard. `npm run test:pages`; not tried where there is no Chromium.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { languages } from '../../../pages/languages.js'
import { executablePath, seriousIn } from '../../pages/chromium.js'
import { aPlayedGateway } from './a-played-gateway.js'
import { type RunningPages, runningPages } from './running-pages.js'
import { aDay, aDocument, aPatient, rossi, sampleAccess } from './sample-records.js'

const paths = [
  '/find',
  '/find?person=Rossi&outcome=failure&since=2026-01-01',
  '/find?q=nothing-like-it',
  '/record/2',
  `/trace/${'a3'.padEnd(32, '0')}`,
  `/trace/${'a6'.padEnd(32, '0')}`,
  `/patient?id=${encodeURIComponent(aPatient)}`,
  `/document?id=${aDocument}`,
  '/watch',
  ...['emergency', 'refused', 'many-patients', 'night', 'no-relation', 'looks'].map(name => `/watch/${name}`),
  '/trust',
  '/record/999999',
  '/nothing',
]

describe(`the pages in Chromium${executablePath === undefined ? ' (skipped: no Chromium is installed)' : ''}`, function () {
  this.timeout(120_000)
  let pages: RunningPages
  let gateway: Awaited<ReturnType<typeof aPlayedGateway>>
  let browser: Browser

  before(async function () {
    if (executablePath === undefined) return this.skip()
    pages = await runningPages()
    gateway = await aPlayedGateway(pages.config)
    const now = Date.now()
    await pages.take(aDay(now))
    await pages.take(
      Array.from({ length: 21 }, (_, n) =>
        sampleAccess({ at: now - n * 1_000, kind: 'ITI-18', person: rossi, patient: `P-${n}^^^&2.999.1&ISO` }),
      ),
    )
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  })
  after(async () => {
    await browser?.close()
    await gateway?.close(0)
    await pages?.close()
  })

  async function signedIn(
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en', ...options })
    const page = await context.newPage()
    await page.goto(pages.origin + (await pages.link()))
    await page.click('main button')
    await page.waitForURL(`${pages.origin}/`)
    return { context, page }
  }

  for (const language of languages) {
    for (const colorScheme of language === 'de' ? (['light', 'dark'] as const) : (['light'] as const)) {
      it(`have nothing serious for axe in ${language}, ${colorScheme}`, async () => {
        const { context, page } = await signedIn({ bypassCSP: true, colorScheme, locale: language })
        const problems: string[] = []
        page.on('pageerror', problem => problems.push(String(problem)))
        for (const path of paths) {
          await page.goto(pages.origin + path)
          expect(await page.getAttribute('html', 'lang')).to.equal(language)
          problems.push(...(await seriousIn(page)).map(problem => `${path} ${problem}`))
        }
        await page.click('header form button')
        problems.push(...(await seriousIn(page)))
        await page.goto(`${pages.origin}/sign-in/link?link=x`)
        await page.click('main button')
        problems.push(...(await seriousIn(page)))
        await context.close()
        expect(problems).to.deep.equal([])
      })
    }
  }

  it('are used by keyboard alone', async () => {
    const { context, page } = await signedIn()
    await page.goto(`${pages.origin}/find`)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.className')).to.equal('skip')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.id')).to.equal('q')
    await page.keyboard.type('Rossi')
    await page.keyboard.press('Enter')
    await page.waitForURL(/q=Rossi/)
    const reached = new Set<string>()
    for (let presses = 0; presses < 80; presses += 1) {
      await page.keyboard.press('Tab')
      reached.add(
        (await page.evaluate(
          'document.activeElement.getAttribute("href") ?? document.activeElement.tagName',
        )) as string,
      )
    }
    expect([...reached].some(href => href.startsWith('/record/'))).to.equal(true)
    expect(reached).to.include('SUMMARY')
    await context.close()
  })

  it('are as wide as a telephone', async () => {
    const { context, page } = await signedIn({ viewport: { width: 360, height: 700 } })
    for (const path of paths) {
      await page.goto(pages.origin + path)
      const width = (await page.evaluate('document.documentElement.scrollWidth')) as number
      expect([path, width]).to.deep.equal([path, 360])
    }
    await context.close()
  })

  it('run nothing and load nothing that a record would have them', async () => {
    const attack = `"><script>window.pwned=1;alert(1)</script><img src="https://evil.example/x" onerror="window.pwned=1"><svg onload=alert(2)>javascript:alert(3)'\`{{7*7}}`
    const inXml = attack.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
    await pages.takeMessage(
      `<AuditMessage><EventIdentification EventActionCode="${inXml}" EventDateTime="2026-11-25T08:00:00Z" EventOutcomeIndicator="8"><EventID csd-code="110112" originalText="${inXml}"/><EventTypeCode csd-code="HOSTILE" originalText="${inXml}"/><EventOutcomeDescription>${inXml}</EventOutcomeDescription><PurposeOfUse csd-code="${inXml}" originalText="${inXml}"/></EventIdentification>` +
        `<ActiveParticipant UserID="${inXml}" UserName="${inXml}" UserIsRequestor="true"><RoleIDCode csd-code="${inXml}"/></ActiveParticipant><ActiveParticipant UserID="javascript:alert(4)" UserName="javascript:alert(4)" UserIsRequestor="false"/>` +
        `<AuditSourceIdentification AuditSourceID="${inXml}" AuditEnterpriseSiteID="${inXml}"/>` +
        [
          '1" ParticipantObjectTypeCodeRole="1',
          '2" ParticipantObjectTypeCodeRole="3',
          '2" ParticipantObjectTypeCodeRole="24',
          '4" ParticipantObjectTypeCodeRole="9',
        ]
          .map(
            kind =>
              `<ParticipantObjectIdentification ParticipantObjectTypeCode="${kind}" ParticipantObjectID="${inXml}"><ParticipantObjectName>${inXml}</ParticipantObjectName><ParticipantObjectDetail type="${inXml}" value="${inXml}"/></ParticipantObjectIdentification>`,
          )
          .join('') +
        '</AuditMessage>',
    )
    const { context, page } = await signedIn()
    const seen: string[] = []
    page.on('dialog', dialog => {
      seen.push(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.on('request', request => {
      if (!request.url().startsWith(pages.origin)) seen.push(`request ${request.url()}`)
    })
    await page.goto(`${pages.origin}/find?kind=HOSTILE`)
    const record = await page.getAttribute('td.time a', 'href')
    const links = await page.$$eval('main a', anchors =>
      anchors.map(anchor => (anchor as unknown as { href: string }).href),
    )
    const query = encodeURIComponent(attack)
    const hostile = [
      record ?? '',
      '/trust',
      '/watch/refused',
      '/watch/looks',
      `/find?q=${query}`,
      `/patient?id=${query}`,
      `/trace/${query}`,
    ]
    for (const url of [...links, ...hostile.map(path => pages.origin + path)]) {
      expect(url.startsWith(`${pages.origin}/`), url).to.equal(true)
      if (url.includes('/export')) continue
      await page.goto(url)
      expect(await page.evaluate('window.pwned')).to.equal(undefined)
      expect(await page.$$eval('script, img, iframe, object, main svg', found => found.length)).to.equal(0)
    }
    await context.close()
    expect(seen).to.deep.equal([])
  })

  it('would run no script, even if one got in', async () => {
    const { context, page } = await signedIn()
    await page.goto(`${pages.origin}/find`)
    const refused: string[] = []
    page.on('console', message => refused.push(message.text()))
    await page.evaluate(
      `(() => { const script = document.createElement('script'); script.textContent = 'window.pwned = 1'; document.body.append(script) })()`,
    )
    expect(await page.evaluate('window.pwned')).to.equal(undefined)
    expect(refused.join()).to.match(/Content Security Policy/)
    await context.close()
  })

  it('keep the session out of reach of scripts, and have a new one after sign-in', async () => {
    const { context, page } = await signedIn()
    const [session] = (await context.cookies()).filter(({ name }) => name === '__Host-carnet-session')
    expect(session).to.include({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' })
    expect(await page.evaluate('document.cookie')).to.not.contain('session')
    await page.goto(pages.origin + (await pages.link()))
    await page.click('main button')
    await page.waitForURL(`${pages.origin}/`)
    const [later] = (await context.cookies()).filter(({ name }) => name === '__Host-carnet-session')
    expect(later?.value).to.not.equal(session?.value)
    await context.close()
  })

  it('are framed by nobody and take no form of another site', async () => {
    const file = (name: string) => readFileSync(join(pages.folder, 'certs', name))
    const evil = createServer({ key: file('registry.key'), cert: file('registry.pem') }, (_, response) =>
      response.end(
        `<iframe src="${pages.origin}/find"></iframe><form method="post" action="${pages.origin}/searches"><input name="search" value="q=x"><input name="name" value="planted"><button>x</button></form>`,
      ),
    )
    await new Promise<void>(resolve => evil.listen(0, '127.0.0.1', resolve))
    evil.unref()
    const { port } = evil.address() as { port: number }
    const { context, page } = await signedIn()
    // Another site: a page of `localhost` on another port would be the same one to cookies.
    await page.goto(`https://127.0.0.1:${port}/`)
    const frame = page.frames()[1]
    expect(await frame?.evaluate('document.body?.innerText ?? ""').catch(() => '')).to.not.contain('Find records')
    await page.click('button')
    await page.waitForURL(`${pages.origin}/searches`)
    expect(await page.innerText('main')).to.contain('This form is too old')
    await page.goto(`${pages.origin}/find`)
    expect(await page.innerText('main')).to.not.contain('planted')
    await context.close()
  })

  it('show records while a search goes on', async () => {
    const { context, page } = await signedIn()
    const started = Date.now()
    await page.goto(`${pages.origin}/find`, { waitUntil: 'commit' })
    await page.waitForSelector('td.time')
    expect(Date.now() - started).to.be.below(10_000)
    await context.close()
  })
})
