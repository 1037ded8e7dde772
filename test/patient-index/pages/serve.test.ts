// The pages for pairs that wait for somebody: who may, what is shown, what a decision does and how it is undone, what is written down.
import { expect } from 'chai'
import type { AuditRecord } from '../../../atna-audit/message.js'
import { writeMessage } from '../../../atna-audit/write-message.js'
import { languages } from '../../../pages/languages.js'
import { tables } from '../../../patient-index/pages/texts/texts.js'
import type { Person } from '../../../transactions/person.js'
import { faultsOf } from '../../atna-audit/audit-schema.js'
import { aPatientIndex, id, maja, south, type TestPatientIndex } from '../a-patient-index.js'
import { type Desk, openDesk } from './a-desk.js'

const away = { addresses: [{ lines: ['Rue du Marché 1'], postalCode: '2800', city: 'Delémont' }], telecoms: [] }
const moved: Person = { ...maja, ...away, names: [{ kind: 'current', family: 'Müller', given: ['Maja'] }] }
const north = id('1')
const other = id('a', south)

describe('the pages for reviews', () => {
  let index: TestPatientIndex
  let reception: Desk
  let desk: ReturnType<typeof openDesk>['desk']
  let logged: object[]

  beforeEach(async () => {
    index = await aPatientIndex({ registries: [] })
    ;({ desk, logged } = openDesk(index))
    reception = desk('reception', 'patient-administrator')
  })
  afterEach(async () => {
    expect(logged).to.deep.equal([])
    await index.close()
  })

  const last = (): AuditRecord => index.records.at(-1) as AuditRecord
  const subjects = ({ objects }: AuditRecord) => objects.map(each => each.id)
  const who = ({ participants }: AuditRecord) => participants.find(({ userIsRequestor }) => userIsRequestor)?.userID
  const history = async (patientId: string) =>
    (
      (await index.ask('/admin/persons', { rest: patientId })) as {
        history: { what: string; why: string; by: string }[]
      }
    ).history

  async function aPair(): Promise<string> {
    await index.add(north)
    await index.add(other, moved)
    const { body } = await reception.get('')
    return /\/pair\/\d+/.exec(body)?.[0] ?? ''
  }

  it('are for those whose certificate has the role, and who tries without is written down', async () => {
    const path = await aPair()
    for (const each of ['', path, `/person?id=${encodeURIComponent(north)}`]) {
      const { status, body } = await desk('hospital', 'feed', 'consumer').get(each)
      expect([each, status]).to.deep.equal([each, 403])
      expect(body).not.to.contain('Maja')
      expect([last().eventID[0], last().outcome]).to.deep.equal(['110113', 8])
    }
    expect((await desk('root', 'admin').get(path)).status).to.equal(200)
  })

  it('list the surest first, some at a time, and each once', async () => {
    const two = (number: number) => String(number).padStart(2, '0')
    for (let count = 0; count < 23; count += 1) {
      const birthTime = `${1950 + count}${two(1 + (count % 12))}${two(3 + count)}`
      const at = (street: string, postalCode: number) => ({
        addresses: [
          { lines: [`${street} ${count}`], postalCode: `${postalCode + count}`, city: `${street}ort ${count}` },
        ],
      })
      await index.add(id(`n${count}`), { ...maja, ...at('Dorf', 3_000), telecoms: [], birthTime })
      await index.add(id(`s${count}`, south), { ...moved, ...at('Bach', 8_000), birthTime })
    }
    const luise: Person['names'] = [{ kind: 'current', family: 'Müller', given: ['Maja', 'Luise'] }]
    await index.add(id('n'), { ...maja, birthTime: '19370127' })
    await index.add(id('s', south), { ...maja, birthTime: '19370127', names: luise })
    const pairs: string[] = []
    let next: string | undefined = ''
    const pages: number[] = []
    while (next !== undefined) {
      const { body } = await reception.get(next)
      const found = [...body.matchAll(/<tr><td>(\d+)<\/td>.*?(\/pair\/\d+)/gs)]
      pages.push(found.length)
      pairs.push(...found.map(([, weight, path]) => `${weight} ${path}`))
      next = /class="button quiet" href="[^"?]*(\?after=[^"]+)"/.exec(body)?.[1]
    }
    expect(pages).to.deep.equal([20, 4])
    expect(new Set(pairs).size).to.equal(24)
    const weights = pairs.map(pair => Number.parseInt(pair, 10))
    expect(weights).to.deep.equal([...weights].sort((one, two) => two - one))
    expect(weights[0]).to.be.above(weights[1] ?? 0)
  })

  it('write each look down with whom it shows, before it is sent [ITI TF-2: Table 3.20.4.1.1.1-1]', async () => {
    const path = await aPair()
    for (const each of ['', path]) {
      await reception.get(each)
      const record = last()
      expect([record.eventID[0], record.action, who(record)]).to.deep.equal(['110110', 'R', 'reception'])
      expect(subjects(record)).to.have.members([north, other])
      expect(faultsOf(writeMessage(record, { auditSourceID: 'carnet' }))).to.deep.equal([])
    }
  })

  it('show both side by side, mark what differs and explain the sum, in four languages', async () => {
    const path = await aPair()
    for (const language of languages) {
      const { body } = await reception.get(path, { 'accept-language': language })
      expect(body).to.contain(`<html lang="${language}">`)
      const texts = tables[language]
      for (const told of [texts['born: same'], texts['address: different'], texts['why.weight'], texts['decide.same']])
        expect(body).to.contain(told)
      expect(body).to.contain('<mark>Rue du Marché 1, 2800 Delémont</mark>')
      expect(body).not.to.contain('<mark>18.06.1960</mark>')
      const parts = [...body.matchAll(/<td class="weighs">([+−]?\d+)<\/td>/g)].map(([, weight = '']) =>
        Number(weight.replace('−', '-')),
      )
      const sum = Number(/<strong>(\d+)<\/strong><\/td><\/tr><\/tfoot>/.exec(body)?.[1])
      expect(parts.reduce((so, each) => so + each, 0)).to.equal(sum)
    }
  })

  it('join two with a reason, once, and write it down with the change', async () => {
    const path = await aPair()
    await reception.get(path)
    const { status, headers } = await reception.post(path, { verdict: 'same', why: 'the same insurance card' })
    expect([status, headers.location]).to.deep.equal([303, '/patient-index/reviews?done=same'])
    expect(index.own(other)).to.equal(index.own(north))
    const record = last()
    expect([record.action, who(record)]).to.deep.equal(['U', 'reception'])
    expect(subjects(record)).to.have.members([north, other])
    expect(JSON.stringify(record.objects)).to.contain('taken for one person: the same insurance card')
    expect((await history(north)).at(-1)).to.deep.include({
      what: 'joined',
      why: 'the same insurance card',
      by: 'reception',
    })
    expect((await reception.post(path, { verdict: 'different', why: 'no' })).status).to.equal(409)
    expect((await reception.get('?done=same')).body)
      .to.contain('The two are one person now.')
      .and.contain('Nothing waits.')
    expect((await reception.get(path)).body).to.contain('Decided: same person, by reception')
  })

  it('tell two apart with a reason, and ask again when that was wrong', async () => {
    const path = await aPair()
    await reception.get(path)
    await reception.post(path, { verdict: 'different', why: 'her cousin' })
    expect(index.own(other)).not.to.equal(index.own(north))
    expect((await history(other)).at(-1)).to.deep.include({ what: 'told apart', by: 'reception' })
    const person = `/person?id=${encodeURIComponent(north)}`
    const { body } = await reception.get(person)
    expect(body).to.contain('Told apart from this person').and.contain('her cousin')
    const review = /name="review" value="(\d+)"/.exec(body)?.[1] ?? ''
    expect((await reception.post('/again', { review, id: north, why: 'no cousin after all' })).status).to.equal(303)
    expect((await reception.get('')).body).to.contain(path)
    expect((await history(north)).at(-1)?.why).to.contain('no cousin after all')
  })

  it('undo a joining, and take a record out of a person', async () => {
    const path = await aPair()
    const own = index.own(other) ?? ''
    await reception.get(path)
    await reception.post(path, { verdict: 'same', why: 'looks like her' })
    const person = `/person?id=${encodeURIComponent(north)}`
    expect((await reception.get(person)).body).to.contain('Undo the joining')
    expect((await reception.post('/undo', { merged: own, id: north, why: 'it was her cousin' })).status).to.equal(303)
    expect(index.own(other)).to.equal(own)
    await index.add(id('b', south))
    await reception.post('/separate', { record: id('b', south), id: north, why: 'another one' })
    expect(index.own(id('b', south))).not.to.equal(index.own(north))
    expect((await reception.get(`${person}&done=undone`)).body)
      .to.contain('Separated')
      .and.contain('another one')
  })

  describe('where registries know of a joining', () => {
    let followed: TestPatientIndex
    let there: Desk
    let own: string

    beforeEach(async () => {
      followed = await aPatientIndex()
      there = openDesk(followed).desk('desk', 'patient-administrator')
      await followed.add(north)
      own = await followed.add(other, moved)
      const path = /\/pair\/\d+/.exec((await there.get('')).body)?.[0] ?? ''
      await there.get(path)
      await there.post(path, { verdict: 'same', why: 'the same card' })
    })
    afterEach(() => followed.close())

    const undo = (why: string) => there.post('/undo', { merged: own, id: north, why })

    it('undo it there first, then here, with a reason and written down [ITI TF-2:3.44.4.2.4]', async () => {
      expect((await there.get(`/person?id=${encodeURIComponent(north)}`)).body).to.contain('are asked to undo it too')
      expect((await undo('her cousin')).status).to.equal(303)
      expect(followed.elsewhere.undone).to.deep.equal([own])
      expect(followed.own(other)).to.equal(own)
      const [restored, changed, used] = followed.records.slice(-3)
      expect([restored, changed].map(each => each && subjects(each))).to.deep.equal([[own], [followed.own(north)]])
      expect([used && who(used), used?.action, used && subjects(used)]).to.deep.equal(['desk', 'U', [own]])
      expect(JSON.stringify(used)).to.contain('merge undone: her cousin')
      expect(followed.notices().slice(-2)).to.deep.equal([
        { event: 'revise', body: { patientIds: [followed.own(north)] } },
        { event: 'add', body: { patientIds: [own] } },
      ])
      expect((await undo('again')).status).to.equal(409)
      expect(followed.elsewhere.undone).to.deep.equal([own])
    })

    it('change nothing where one has not undone it, and say which, why and what to do, in four languages', async () => {
      followed.elsewhere.why = 'the index may not <undo>'
      const before = followed.audited()
      for (const language of languages) {
        const fields = { merged: own, id: north, why: 'her cousin' }
        const { status, body } = await there.post('/undo', fields, { 'accept-language': language })
        expect(status).to.equal(409)
        expect(body).to.contain(`<html lang="${language}">`).and.contain('the index may not &lt;undo&gt;')
        expect(body).to.contain('carnet person unmerge')
      }
      expect(followed.own(other)).to.equal(followed.own(north))
      expect(followed.audited()).to.equal(before)
    })

    it('ask nobody without a reason', async () => {
      expect((await undo(' ')).status).to.equal(400)
      expect(followed.elsewhere.undone).to.deep.equal([])
    })
  })

  it('change nothing without a reason, and keep what was said', async () => {
    const path = await aPair()
    await reception.get(path)
    const { status, body } = await reception.post(path, { verdict: 'same', why: '  ' })
    expect(status).to.equal(400)
    expect(body).to.contain('Please say why')
    expect(index.own(other)).not.to.equal(index.own(north))
    expect((await reception.post('/separate', { record: north, id: north, why: '' })).status).to.equal(400)
  })

  it('take no form of another site, of another person or without a token', async () => {
    const path = await aPair()
    await reception.get(path)
    const decision = { verdict: 'same', why: 'x' }
    const tries = [
      reception.post(path, decision, { 'sec-fetch-site': 'cross-site' }),
      reception.post(path, { ...decision, token: 'x' }),
      desk('another', 'patient-administrator').post(path, decision),
      reception.post(path, decision, { 'content-type': 'application/json' }),
    ]
    for (const { status, body } of await Promise.all(tries)) {
      expect(status).to.equal(403)
      expect(body).to.contain('This form is too old')
    }
    expect(index.own(other)).not.to.equal(index.own(north))
  })

  it('say in words what is not there', async () => {
    await reception.get(await aPair())
    for (const path of ['/pair/77', '/pair/x', '/pair/99999999999999999999'])
      expect([path, (await reception.get(path)).status]).to.deep.equal([path, 404])
    expect((await reception.get('/nothing')).status).to.equal(404)
    expect((await reception.get('/person?id=nobody')).body).to.contain('Nobody here has nobody.')
    expect((await reception.get('?after=x')).status).to.equal(200)
    for (const [path, fields] of [
      ['/again', { review: 'x' }],
      ['/separate', { record: 'x' }],
      ['/undo', { merged: 'x' }],
      ['/pair/77', { verdict: 'same' }],
    ] as const)
      expect([path, (await reception.post(path, { id: north, why: 'x', ...fields })).status]).to.deep.equal([path, 404])
  })

  it('show what a source has written as text', async () => {
    const hostile = `"><script>alert(1)</script>`
    const names: Person['names'] = [{ kind: 'current', family: 'Müller', given: ['Maja', hostile] }]
    await index.add(north, { ...maja, names })
    await index.add(other, { ...moved, telecoms: [hostile] })
    const { body: list } = await reception.get('')
    const { body } = await reception.get(/\/pair\/\d+/.exec(list)?.[0] ?? '')
    for (const page of [list, body]) {
      expect(page).not.to.contain('<script')
      expect(page).to.contain('&lt;script')
    }
  })
})
