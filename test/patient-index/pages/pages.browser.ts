// The pages for reviews in the system's Chromium, over the door of the patient index and with a certificate of its own: axe finds nothing
// serious in any language, and the whole way is gone without a script and by keyboard. `npm run test:pages`; not tried without Chromium.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { prepare } from '../../../cli/services/prepare.js'
import type { CarnetConfig } from '../../../config/carnet-config.js'
import { loadConfig } from '../../../config/load.js'
import { languages } from '../../../pages/languages.js'
import { take } from '../../../patient-index/linking.js'
import { openReviewPages, type ReviewPagesParts } from '../../../patient-index/pages/serve.js'
import { base } from '../../../patient-index/pages/visit.js'
import { startPatientIndex } from '../../../patient-index/service.js'
import { systemPorts } from '../../../ports/ports.js'
import type { Person } from '../../../transactions/person.js'
import { playedTerminal } from '../../cli/played-terminal.js'
import { freePortBase } from '../../cli/started.js'
import { executablePath, seriousIn } from '../../pages/chromium.js'
import { id, maja, south } from '../a-patient-index.js'

const named = (family: string, given: string): Person['names'] => [{ kind: 'current', family, given: [given] }]
const away = { addresses: [{ lines: ['Rue du Marché 1'], postalCode: '2800', city: 'Delémont' }], telecoms: [] }
const twins = { ...maja, birthTime: '20100304', telecoms: ['tel:+41561234567'] }

const told: [patientId: string, person: Person][] = [
  [id('1'), { ...maja, names: named('Müller', 'Maja') }],
  [id('a', south), { ...maja, ...away, names: named('Müller', 'Maja') }],
  [id('2'), { ...twins, names: named('Zurbriggen', 'Lea') }],
  [id('b', south), { ...twins, names: named('Zurbriggen', 'Lena') }],
  [id('3'), { ...maja, birthTime: '19530711', names: named('Favre', 'Françoise') }],
  [id('4711'), { ...maja, birthTime: '19880102', names: named('حسين', 'محمد') }],
  [id('c', south), { ...maja, ...away, birthTime: '19531107', names: named('Faivre', 'Françoise') }],
]

describe(`the pages for reviews in Chromium${executablePath === undefined ? ' (skipped: no Chromium is installed)' : ''}`, function () {
  this.timeout(120_000)
  let folder: string
  let config: CarnetConfig
  let origin: string
  let browser: Browser
  let service: Awaited<ReturnType<typeof startPatientIndex>>
  let paths: string[]

  before(async function () {
    if (executablePath === undefined) return this.skip()
    folder = await systemPorts.files.temporaryFolder('carnet-reviews-')
    const { configFile } = await prepare(folder, { ports: systemPorts, terminal: playedTerminal(folder) })
    config = await loadConfig(configFile, systemPorts, { portBase: await freePortBase() })
    origin = `https://localhost:${config.patientIndex?.listen.port}`
    let parts: ReviewPagesParts | undefined
    service = await startPatientIndex(config, systemPorts, given => {
      parts = given
      return openReviewPages(given)
    })
    const { context } = parts as ReviewPagesParts
    await context.store.write(() => {
      for (const [patientId, person] of told) take({ records: [patientId], national: [], person, by: 'test' }, context)
    })
    const reviews = context.persons.waiting(10).map(({ review }) => `${base}/pair/${review}`)
    expect(reviews).to.have.length(3)
    paths = [base, ...reviews, `${base}/person`, `${base}/person?id=${encodeURIComponent(id('1'))}`, `${base}/nothing`]
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  })
  after(async () => {
    await browser?.close()
    await service?.close(0)
    if (folder !== undefined) await systemPorts.files.removeFolder(folder)
  })

  async function atDesk(
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<{ context: BrowserContext; page: Page }> {
    const file = (type: string) => readFileSync(join(folder, 'certs', `admin.${type}`))
    const clientCertificates = [{ origin, cert: file('pem'), key: file('key') }]
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en', clientCertificates, ...options })
    return { context, page: await context.newPage() }
  }

  for (const language of languages) {
    for (const colorScheme of language === 'de' ? (['light', 'dark'] as const) : (['light'] as const)) {
      it(`have nothing serious for axe in ${language}, ${colorScheme}`, async () => {
        const { context, page } = await atDesk({ bypassCSP: true, colorScheme, locale: language })
        const problems: string[] = []
        for (const path of paths) {
          await page.goto(origin + path)
          expect(await page.getAttribute('html', 'lang')).to.equal(language)
          problems.push(...(await seriousIn(page)).map(problem => `${path} ${problem}`))
        }
        await context.close()
        expect(problems).to.deep.equal([])
      })
    }
  }

  it('are as wide as a telephone', async () => {
    const { context, page } = await atDesk({ viewport: { width: 360, height: 700 } })
    for (const path of paths) {
      await page.goto(origin + path)
      const width = (await page.evaluate('document.documentElement.scrollWidth')) as number
      expect([path, width]).to.deep.equal([path, 360])
    }
    await context.close()
  })

  it('show a name that is written from the right, its date and its id behind one another, each as it was told', async () => {
    const { context, page } = await atDesk()
    await page.goto(`${origin}${base}/person?id=${encodeURIComponent(id('4711'))}`)
    const places = (await page.evaluate(`(() => {
      const name = [...document.querySelectorAll('strong')].find(({ textContent }) => textContent === 'حسين محمد')
      const id = name.parentElement.querySelector('code').firstChild
      const leftOf = (node, at) => {
        const range = document.createRange()
        range.setStart(node, at)
        range.setEnd(node, at + 1)
        return range.getBoundingClientRect().left
      }
      const letters = [...id.data].map((_, at) => leftOf(id, at))
      return [name.getBoundingClientRect().left, leftOf(name.nextSibling, 1), ...letters]
    })()`)) as number[]
    expect(places).to.deep.equal([...places].sort((one, other) => one - other))
    await context.close()
  })

  it('lead from the list to a decision and back again without a script, by keyboard', async () => {
    const { context, page } = await atDesk({ javaScriptEnabled: false })
    await page.goto(origin + base)
    await page.focus('a[href*="/pair/"] >> nth=-1')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/pair\//)
    await page.focus('#why')
    await page.keyboard.type('another date on the card')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.waitForURL(/done=different/)
    expect(await page.innerText('[role=status]')).to.contain('stay different persons')
    await page.goto(`${origin}${base}/person?id=${encodeURIComponent(id('3'))}`)
    expect(await page.innerText('main')).to.contain('another date on the card')
    await context.close()
  })

  it('undo a joining that a registry knows of once that has undone it, without a script; where it has not, axe finds nothing serious in any language', async () => {
    let says: [status: number, problem: string | undefined] = [403, 'the index may not']
    const registry = await aRegistry(() => says)
    try {
      const { context, page } = await atDesk({ javaScriptEnabled: false })
      await page.goto(`${origin}${base}`)
      await page.click('a[href*="/pair/"]')
      const person = await page.getAttribute('a[href*="/person?id="]', 'href')
      await page.fill('#why', 'the same card')
      await page.click('button[value=same]')
      await page.waitForURL(/done=same/)
      for (const language of languages) {
        const looking = await atDesk({ bypassCSP: true, locale: language })
        await looking.page.goto(origin + person)
        expect(await seriousIn(looking.page)).to.deep.equal([])
        await undoOn(looking.page)
        expect(await looking.page.innerText('[role=alert]')).to.contain('the index may not')
        expect(await seriousIn(looking.page)).to.deep.equal([])
        await looking.context.close()
      }
      says = [200, undefined]
      await page.goto(origin + person)
      await undoOn(page)
      await page.waitForURL(/done=undone/)
      expect(await page.innerText('main')).to.contain('her sister')
      await context.close()
    } finally {
      await registry.close(0)
    }
  })

  async function undoOn(page: Page): Promise<void> {
    const form = 'form[action$="/undo"]'
    await page.fill(`${form} input[name=why]`, 'her sister')
    await page.click(`${form} button`)
  }

  /** At the address of ours; it answers the index alone, and takes no message. */
  async function aRegistry(says: () => [status: number, problem: string | undefined]) {
    const file = (name: string) => readFileSync(join(folder, 'certs', name))
    const tls = { key: file('registry.key'), cert: file('registry.pem'), ca: file('ca.pem') }
    const port = Number(new URL(config.patientIndex?.registries[0]?.url ?? '').port)
    return systemPorts.network.serveHttps({ host: '127.0.0.1', port, tls }, async (request, reply) => {
      const body = Buffer.concat(await request.body.toArray()).toString()
      const [status, problem] = request.url.endsWith('/unmerge') ? says() : ([503, undefined] as const)
      reply.start(status, { 'content-type': 'application/json' })
      reply.stream.end(problem === undefined ? body : JSON.stringify({ problem }))
    })
  }
})
