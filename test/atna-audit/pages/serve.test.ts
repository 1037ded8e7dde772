// The pages over HTTPS, as a browser of few words sees them: who gets in, what is shown to whom, what is written down.
import { join } from 'node:path'
import { expect } from 'chai'
import { type Told, toldOf } from '../../../atna-audit/pages/told.js'
import { foundRecords } from '../../../atna-audit/repository/find-records.js'
import type { RecordQuery } from '../../../atna-audit/repository/record-query.js'
import { systemPorts } from '../../../ports/ports.js'
import { aPlayedGateway } from './a-played-gateway.js'
import { type Browser, type RunningPages, runningPages } from './running-pages.js'
import { aDay, aDocument, anotherPatient, aPatient, huber, rossi, sampleAccess } from './sample-records.js'

const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>'\`javascript:alert(3)`

describe('the auditor’s pages', function () {
  this.timeout(120_000)
  let pages: RunningPages
  let auditor: Browser
  let support: Browser
  const now = Date.now()

  before(async () => {
    pages = await runningPages()
    await pages.take(aDay(now))
    auditor = await pages.reader()
    support = await pages.reader('support')
  })
  after(() => pages.close())

  async function written(query: RecordQuery): Promise<Told[]> {
    const found: Told[] = []
    for await (const { records } of foundRecords(pages.repository.store, query, { limit: 100 }, systemPorts.clock))
      found.push(...records.map(toldOf))
    return found
  }

  async function byCertificate(name: string): Promise<Browser> {
    const file = (type: string) => systemPorts.files.readFile(join(pages.folder, 'certs', `${name}.${type}`))
    const one = pages.browser({ key: await file('key'), cert: await file('pem') })
    await one.get('/sign-in')
    await one.post('/sign-in/certificate', {})
    return one
  }

  describe('at the door', () => {
    it('send whoever is not signed in to the sign-in, and show nothing', async () => {
      for (const path of [
        '/',
        '/find?q=x',
        '/record/1',
        '/trace/x',
        '/patient?id=x',
        '/watch',
        '/watch/night',
        '/trust',
        '/export?form=csv',
      ]) {
        const { status, headers, body } = await pages.browser().get(path)
        expect([path, status, headers.location, body]).to.deep.equal([path, 303, '/sign-in', ''])
      }
    })

    it('sign in by a one-time link, once', async () => {
      const [one, other] = [pages.browser(), pages.browser()]
      const path = await pages.link()
      const link = new URL(path, pages.origin).searchParams.get('link') ?? ''
      // Looked at as often as one likes: previews do not use it up.
      await one.get(path)
      await one.get(path)
      expect((await one.post('/sign-in/link', { link })).status).to.equal(200)
      expect((await one.get('/find')).status).to.equal(200)
      await other.get(path)
      const again = await other.post('/sign-in/link', { link })
      expect(again.status).to.equal(403)
      expect((await other.get('/find')).status).to.equal(303)
    })

    it('sign in by certificate, and nobody by one that is no reader’s', async () => {
      expect((await (await byCertificate('admin')).get('/find')).body).to.contain('Signed in as admin')
      expect((await (await byCertificate('client')).get('/find')).status).to.equal(303)
      const nobody = pages.browser()
      await nobody.get('/sign-in')
      expect((await nobody.post('/sign-in/certificate', {})).status).to.equal(403)
      const refusals = await written({ event: '110114', outcome: 'failed' })
      expect(refusals.some(({ people }) => people[0]?.id.includes('hospital') === true)).to.equal(true)
    })

    it('take no token that somebody else has set: a new one is made at sign-in (fixation)', async () => {
      const victim = pages.browser()
      victim.cookies.set('__Host-carnet-session', 'chosen-by-the-attacker')
      const path = await pages.link()
      await victim.get(path)
      await victim.post('/sign-in/link', { link: new URL(path, pages.origin).searchParams.get('link') ?? '' })
      const token = victim.cookies.get('__Host-carnet-session')
      expect(token).to.match(/^[\w-]{43}$/)
      const attacker = pages.browser()
      attacker.cookies.set('__Host-carnet-session', 'chosen-by-the-attacker')
      expect((await attacker.get('/find')).status).to.equal(303)
    })

    it('forget whoever signs out', async () => {
      const one = await pages.reader()
      const token = one.cookies.get('__Host-carnet-session') ?? ''
      await one.get('/find')
      expect((await one.post('/sign-out', {})).body).to.contain('You are signed out')
      one.cookies.set('__Host-carnet-session', token)
      expect((await one.get('/find')).status).to.equal(303)
      const kinds = (await written({ event: '110114' })).map(({ kind }) => kind)
      expect(kinds).to.include.members(['110122', '110123'])
    })
  })

  describe('to a browser', () => {
    it('send what keeps others out: no script, no frame, nothing from elsewhere, nothing kept', async () => {
      const { headers } = await auditor.get('/find')
      const policy = String(headers['content-security-policy'])
      for (const part of [
        "default-src 'none'",
        "style-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ])
        expect(policy).to.contain(part)
      expect(policy).to.not.match(/script-src|unsafe|\*/)
      expect(headers).to.include({
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      })
    })

    it('have no script and nothing of another host in them', async () => {
      for (const path of ['/find', '/record/2', '/watch', '/trust', `/patient?id=${encodeURIComponent(aPatient)}`]) {
        const { body } = await auditor.get(path)
        expect(body).to.not.match(/<script|\son\w+="|style="|(?:src|href|action)="(?:https?:)?\/\//i)
      }
    })

    it('refuse a form without its token, with another session’s, or from another site', async () => {
      const fields = { search: 'q=x', name: 'stolen' }
      await auditor.get('/find?q=x')
      expect((await auditor.post('/searches', { ...fields, token: '' })).status).to.equal(403)
      const other = await pages.reader()
      const foreign = /name="token" value="([^"]+)"/.exec((await other.get('/find')).body)?.[1] ?? ''
      expect((await auditor.post('/searches', { ...fields, token: foreign })).status).to.equal(403)
      await auditor.get('/find?q=x')
      const elsewhere: Record<string, string>[] = [
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'cross-site' },
      ]
      for (const headers of elsewhere) expect((await auditor.post('/searches', fields, headers)).status).to.equal(403)
      expect((await auditor.post('/searches', fields, { 'content-type': 'text/plain' })).status).to.equal(403)
      expect((await auditor.get('/sign-out')).status).to.equal(404)
    })

    it('answer what is not there, too long or malformed in words', async () => {
      expect((await auditor.get('/nothing')).status).to.equal(404)
      expect((await auditor.get('/record/99999')).status).to.equal(404)
      expect((await auditor.get('/record/%ff%00')).status).to.equal(404)
      expect((await auditor.get(`/find?q=${'x'.repeat(600)}`)).status).to.equal(400)
      expect((await auditor.get(`/find?q=${'x'.repeat(9_000)}`)).status).to.equal(414)
      expect((await auditor.get('/find?since=yesterday')).status).to.equal(400)
      expect((await auditor.get('/find?since=2026-13-45')).status).to.equal(400)
      expect((await auditor.get('/watch/nothing')).status).to.equal(404)
      expect((await auditor.get('/export?form=constructor')).status).to.equal(404)
      const { headers } = await pages.browser().get('//evil.example/?language=de')
      expect(headers.location).to.equal('/evil.example/')
    })

    it('speak four languages, and remember which', async () => {
      const one = await pages.reader()
      const titles = { de: 'Einträge suchen', fr: 'Chercher des entrées', it: 'Cerca voci', en: 'Find records' }
      for (const [language, title] of Object.entries(titles)) {
        expect((await one.get(`/find?language=${language}`)).headers.location).to.equal('/find')
        const { body } = await one.get('/find')
        expect(body).to.contain(`<html lang="${language}">`).and.to.contain(title)
      }
      expect((await pages.browser().get('/sign-in', { 'accept-language': 'it-CH' })).body).to.contain(
        '<html lang="it">',
      )
    })
  })

  describe('find', () => {
    const found = async (search: Record<string, string>) => {
      const { body } = await auditor.get(`/find?${new URLSearchParams(search)}`)
      return [...body.matchAll(/href="\/record\/(\d+)"/g)].length
    }
    const searches: [search: Record<string, string>, count: number][] = [
      [{ patient: anotherPatient }, 2],
      [{ patient: 'DEMO-2' }, 2],
      [{ person: rossi.name, outcome: 'failure' }, 1],
      [{ person: 'rossi' }, 2],
      [{ document: aDocument, kind: 'ITI-43' }, 3],
      [{ purpose: 'EMER' }, 1],
      [{ role: 'HCP', kind: 'ITI-18' }, 2],
      [{ q: 'Huber', kind: 'ITI-41' }, 2],
      [{ q: 'itI-42' }, 2],
      [{ q: aPatient, outcome: '8' }, 1],
      [{ trace: 'a3'.padEnd(32, '0') }, 2],
      [{ kind: 'ITI-43', until: '2001-01-01' }, 0],
      [{ kind: 'ITI-43', since: '2001-01-01T00:00' }, 4],
      [{ organisation: '2.999.7', kind: 'ITI-43' }, 4],
    ]
    for (const [search, count] of searches)
      it(`${count} records by ${JSON.stringify(search)}`, async () => expect(await found(search)).to.equal(count))

    it('goes on where a page has ended', async () => {
      await pages.take(
        Array.from({ length: 205 }, (_, n) =>
          sampleAccess({ at: now - 90_000_000 - n * 1_000, patient: 'MANY^^^&2.999.1&ISO', kind: 'ITI-18' }),
        ),
      )
      let path: string | undefined = '/find?patient=MANY'
      const seen = new Set<string>()
      const sizes: number[] = []
      while (path !== undefined) {
        const { body } = await auditor.get(path)
        const ids = [...body.matchAll(/href="\/record\/(\d+)"/g)].map(([, id]) => id!)
        sizes.push(ids.length)
        for (const id of ids) seen.add(id)
        path = /class="button quiet" href="(\/find\?[^"]*before=[^"]*)"/.exec(body)?.[1]?.replaceAll('&amp;', '&')
      }
      expect([sizes, seen.size]).to.deep.equal([[100, 100, 5], 205])
    })

    it('keeps searches, each reader their own', async () => {
      const one = await pages.reader('support')
      await one.get('/find?kind=ITI-18')
      await one.post('/searches', { search: 'kind=ITI-18&junk=1', name: hostile.slice(0, 80) })
      const { body } = await one.get('/find')
      expect(body).to.contain('&quot;&gt;&lt;script&gt;').and.to.contain('/find?kind=ITI-18')
      const id = /name="id" value="(\d+)"/.exec(body)?.[1] ?? ''
      // Somebody else neither sees nor removes it.
      const other = await byCertificate('admin')
      expect((await other.get('/find')).body).to.not.contain('/find?kind=ITI-18"')
      await other.post('/searches/remove', { id })
      expect((await one.get('/find')).body).to.contain('/find?kind=ITI-18"')
      await one.get('/find')
      await one.post('/searches/remove', { id })
      expect((await one.get('/find')).body).to.not.contain('/find?kind=ITI-18"')
    })
  })

  describe('understand', () => {
    it('tell a record as a sentence beside the record as it came', async () => {
      const { body } = await auditor.get('/record/3')
      expect(body)
        .to.contain('submitted documents to')
        .and.to.contain('Dr. Anna Huber')
        .and.to.contain('&lt;AuditMessage')
    })

    it('lay the two sides of an exchange side by side, and mark what contradicts', async () => {
      const { body } = await auditor.get(`/trace/${'a3'.padEnd(32, '0')}`)
      expect(body).to.contain('Contradiction: one side says “done”, the other “refused or failed”')
      expect((await auditor.get(`/trace/${'a1'.padEnd(32, '0')}`)).body).to.contain('nothing contradicts')
      expect((await auditor.get(`/trace/${'a6'.padEnd(32, '0')}`)).body).to.contain('Missing: the asking side')
      expect((await auditor.get('/trace/0')).status).to.equal(404)
    })

    it('say of a trace that has more records than they show that it has', async () => {
      const trace = 'ab'.padEnd(32, '0')
      // Before the days that the lists below are asked for: some hour of those is a night.
      const at = now - 10 * 86_400_000
      await pages.take(Array.from({ length: 501 }, () => sampleAccess({ at, trace, kind: 'ITI-18' })))
      expect((await auditor.get(`/trace/${trace}`)).body).to.contain('Only the first 500 records of this exchange')
    })

    it('tell what happened around a patient and around a document', async () => {
      const patient = await auditor.get(`/patient?id=${encodeURIComponent(aPatient)}`)
      expect(patient.body)
        .to.contain('emergency access')
        .and.to.contain('Dr. Marco Rossi')
        .and.to.contain('<ol class="line">')
      const document = await auditor.get(`/document?id=${aDocument}`)
      expect([...document.body.matchAll(/<li class="(?:fine|bad|urgent)">/g)].length).to.equal(7)
      expect((await auditor.get('/patient')).body).to.contain('No record names it.')
    })

    it('list what deserves a second look, with the reason', async () => {
      const emergency = (await auditor.get('/watch/emergency')).body
      expect(emergency).to.contain('The purpose given is an emergency (emergency access).')
      expect((await auditor.get('/watch/refused')).body).to.contain('the assertion is of another patient')
      const strangers = (await auditor.get('/watch/no-relation')).body
      expect(strangers)
        .to.contain('No earlier record shows that Dr. Marco Rossi')
        .and.not.to.contain('shows that Dr. Anna Huber')
      const many = Array.from({ length: 20 }, (_, n) =>
        sampleAccess({ at: now - n, person: huber, kind: 'ITI-18', patient: `M-${n}^^^&2.999.1&ISO`, purpose: 'NORM' }),
      )
      await pages.take(many)
      const night = new Date(`${new Date(now - 86_400_000).toISOString().slice(0, 10)}T02:30:00Z`).getTime()
      await pages.take([sampleAccess({ at: night, person: rossi }), sampleAccess({ at: night, purpose: 'AUTO' })])
      expect((await auditor.get('/watch/many-patients?days=2')).body).to.match(
        /Dr. Anna Huber reached (20|21) patients/,
      )
      const atNight = (await auditor.get('/watch/night?days=3')).body
      // Where it is night now, all that was just written down counts too.
      expect([...atNight.matchAll(/class="why"/g)].length).to.be.within(1, 230)
      expect((await auditor.get('/watch/looks')).body).to.contain('They asked for: ')
    })

    it('tell of the sources, their clocks and the queues', async () => {
      const { body } = await auditor.get('/trust')
      expect(body).to.contain('carnet-registry').and.to.contain('not reached from here').and.to.contain('within')
      expect(body).to.contain('The gateway does not tell at the moment.')
    })

    it('tell how other communities stand, as the gateway has found them', async () => {
      const gateway = await aPlayedGateway(pages.config)
      const { body } = await auditor.get('/trust')
      await gateway.close(0)
      const [, table = ''] = body.split('<h2 id="communities">')
      const words = table.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
      expect(words).to.match(/ Bern answers .* \d+ ms 0 0 /)
      expect(words).to.match(/ Vaud left alone for [45] seconds more never yet 5 0 /)
      expect(words).to.match(/ &lt;b&gt;Genève&lt;\/b&gt; failed 1 times in a row never yet 1 2 /)
    })
  })

  describe('take away', () => {
    it('a table in which nothing is a formula', async () => {
      await pages.take([
        sampleAccess({
          at: now,
          person: { id: '=1', name: '=HYPERLINK("http://evil")', role: 'HCP' },
          patient: '+1',
          why: '@x',
          outcome: 8,
        }),
      ])
      const { headers, body } = await auditor.get(`/export?form=csv&patient=${encodeURIComponent('+1')}`)
      expect(headers['content-disposition']).to.match(/^attachment; filename="audit-[\d-]+\.csv"$/)
      expect(body.split('\r\n').length).to.equal(3)
      expect(body).to.contain(`"'=HYPERLINK(""http://evil"")"`).and.to.contain(`"'+1"`).and.to.contain(`"'@x"`)
    })

    it('data, and it is written down', async () => {
      const { body } = await auditor.get('/export?form=json&purpose=EMER')
      const records = JSON.parse(body)
      expect(records.length).to.equal(1)
      expect(records[0].sentence).to.contain('Dr. Marco Rossi')
      expect(JSON.parse((await auditor.get('/export?form=json&kind=none')).body)).to.deep.equal([])
      const looks = await written({ event: '110101' })
      expect(looks.some(({ others }) => others[0]?.id?.endsWith('/export') === true)).to.equal(true)
    })
  })

  describe('to support', () => {
    it('show no patient, no document, nothing that was asked, no record as it came', async () => {
      for (const path of ['/find', '/find?kind=ITI-43', '/record/3', '/record/7', `/trace/${'a1'.padEnd(32, '0')}`]) {
        const { status, body } = await support.get(path)
        expect(status).to.equal(200)
        expect(body).to.not.match(/7613376100|DEMO-2|2\.999\.42|AuditMessage|of another patient/)
      }
    })

    it('tell nothing of a patient by being found', async () => {
      for (const search of [`patient=${encodeURIComponent(aPatient)}`, `document=${aDocument}`])
        expect((await support.get(`/find?${search}`)).status).to.equal(403)
      const { body } = await support.get(`/find?q=${encodeURIComponent(aPatient)}`)
      expect(body).to.contain('No record matches.')
      await pages.take([sampleAccess({ at: now, person: { id: aPatient, name: 'Pia Patient', role: 'PAT' } })])
      expect((await support.get('/find?person=Pia')).body).to.contain('No record matches.')
      expect((await support.get('/find')).body).to.not.contain('Pia')
    })

    it('refuse what is not for them, and write it down', async () => {
      for (const path of ['/patient?id=1', '/document?id=1', '/watch', '/watch/looks', '/export?form=csv'])
        expect((await support.get(path)).status).to.equal(403)
      const refused = await written({ event: '110101', outcome: 'failed' })
      expect(
        refused.some(({ others, outcome }) => outcome === 8 && others[0]?.id?.endsWith('/watch') === true),
      ).to.equal(true)
    })
  })

  it('write every look down, with what was asked and who asked [DICOM PS3.15 A.5.3.2]', async () => {
    await auditor.get('/find?patient=WHO-LOOKED')
    const [look] = await written({ event: '110101' })
    expect(look?.people[0]?.name).to.equal('tester (link)')
    expect(look?.others[0]?.details).to.deep.include({ type: 'Request', value: 'patient=WHO-LOOKED' })
  })

  it('show what anybody wrote into any field of a record as text', async () => {
    const field = (name: string) =>
      `${name}="${hostile.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')}"`
    await pages.takeMessage(
      `<AuditMessage><EventIdentification ${field('EventActionCode')} EventDateTime="${new Date(now - 3_600_000).toISOString()}" EventOutcomeIndicator="4"><EventID ${field('csd-code')} ${field('codeSystemName')} ${field('originalText')}/><EventTypeCode csd-code="HOSTILE" ${field('originalText')}/><EventOutcomeDescription>${hostile.replaceAll('<', '&lt;')}</EventOutcomeDescription><PurposeOfUse ${field('csd-code')} ${field('originalText')}/></EventIdentification>` +
        `<ActiveParticipant ${field('UserID')} ${field('UserName')} UserIsRequestor="true" ${field('NetworkAccessPointID')}><RoleIDCode ${field('csd-code')} ${field('originalText')}/></ActiveParticipant>` +
        `<ActiveParticipant ${field('UserID')} ${field('AlternativeUserID')} UserIsRequestor="false" ${field('NetworkAccessPointID')}><RoleIDCode csd-code="110153"/></ActiveParticipant>` +
        `<ActiveParticipant ${field('UserID')} UserIsRequestor="false"><RoleIDCode csd-code="110152"/></ActiveParticipant>` +
        `<AuditSourceIdentification ${field('AuditSourceID')} ${field('AuditEnterpriseSiteID')}/>` +
        ['1-1', '2-3', '2-20', '2-24', '3-9']
          .map(pair => {
            const [type, role] = pair.split('-')
            return `<ParticipantObjectIdentification ${field('ParticipantObjectID')} ParticipantObjectTypeCode="${type}" ParticipantObjectTypeCodeRole="${role}" ${field('ParticipantObjectSensitivity')}><ParticipantObjectIDTypeCode ${field('csd-code')}/><ParticipantObjectName>${hostile.replaceAll('<', '&lt;')}</ParticipantObjectName><ParticipantObjectDetail ${field('type')} ${field('value')}/></ParticipantObjectIdentification>`
          })
          .join('') +
        '</AuditMessage>',
    )
    const list = await auditor.get('/find?kind=HOSTILE')
    const id = /href="\/record\/(\d+)"/.exec(list.body)?.[1]
    const query = encodeURIComponent(hostile)
    const seen = await Promise.all(
      [
        `/record/${id}`,
        `/find?q=${query}`,
        `/find?person=${query}`,
        `/patient?id=${query}`,
        `/document?id=${query}`,
        `/trace/${query}`,
        '/trust',
        '/watch/refused',
        `/record/${query}`,
      ].map(path => auditor.get(path)),
    )
    for (const { body } of [list, ...seen]) {
      expect(body).to.not.match(/<script|<img|="javascript:/i)
      expect(body.replace(/"[^"]*"/g, '""')).to.not.match(/<[^>]*\son\w+=/i)
      expect(body).to.contain('&lt;script&gt;alert(1)')
    }
  })
})
