// Issuers read from files: pinned, overlapping, renewed without a restart, and never those of development in production.
import { join } from 'node:path'
import { expect } from 'chai'
import { issueSelfSigned, newKey } from '../../certs/issue.js'
import { systemPorts as ports } from '../../ports/ports.js'
import { type Issuers, openIssuers } from '../../xua/issuers.js'
import { until } from '../house/waiting.js'

const dayMs = 86_400_000
const issuer = 'xua.community.example'

describe('issuers of assertions', () => {
  let folder: string
  let issuers: Issuers | undefined
  let keys: string[]
  const said: string[] = []
  const at = (name: string) => join(folder, name)
  const write = (name: string, text: string) => ports.files.replace(at(name), text)
  const selfSigned = (key: string, fromMs = -dayMs, toMs = dayMs) =>
    issueSelfSigned(key, 'xua-issuer', { fromMs: Date.now() + fromMs, toMs: Date.now() + toMs }, ports.randomness)
  const log = {
    info: (_: object, words: string) => void said.push(words),
    error: (facts: object, words: string) => void said.push(`${words} ${JSON.stringify(facts)}`),
  }

  async function open(mode: 'development' | 'production' = 'development'): Promise<Issuers> {
    issuers = await openIssuers({
      config: { issuers: [], issuersFile: at('xua-issuers.json') },
      ...{ mode, ports, log, lookMs: 10 },
    })
    return issuers
  }

  before(async () => {
    folder = await ports.files.temporaryFolder('carnet-issuers-')
    keys = await Promise.all([newKey(), newKey()])
  })
  after(() => ports.files.removeFolder(folder))
  beforeEach(async () => {
    said.length = 0
    await write('one.pem', selfSigned(keys[0] ?? ''))
    await write('two.pem', selfSigned(keys[1] ?? ''))
    await write('xua-issuers.json', JSON.stringify([{ issuer, certificates: ['one.pem'] }]))
  })
  afterEach(() => issuers?.close())

  it('are those of the file, by the name in their assertions', async () => {
    const { keysOf, names } = await open()
    expect([keysOf(issuer).length, keysOf('other').length, names]).to.deep.equal([1, 0, [issuer]])
  })

  it('have the next certificate beside the present one, and each for as long as it is valid', async () => {
    await write('one.pem', selfSigned(keys[0] ?? '') + selfSigned(keys[1] ?? ''))
    expect((await open()).keysOf(issuer)).to.have.length(2)
    issuers?.close()
    await write('one.pem', selfSigned(keys[0] ?? '', -2 * dayMs, -dayMs) + selfSigned(keys[1] ?? '', dayMs, 2 * dayMs))
    expect((await open()).keysOf(issuer)).to.have.length(0)
  })

  it('are read again when the list or a certificate changes', async () => {
    const { keysOf } = await open()
    const [former] = keysOf(issuer)
    await write('one.pem', `${selfSigned(keys[1] ?? '')}\n`)
    await until(
      () => keysOf(issuer)[0]?.equals(former as NonNullable<typeof former>) === false,
      'the certificate is another',
    )
    await write('xua-issuers.json', JSON.stringify([{ issuer, certificates: ['one.pem', 'two.pem'] }]))
    await until(() => keysOf(issuer).length === 2, 'there are two')
    expect(said).to.include('issuers of assertions read anew')
  })

  it('stay what they were when what is new cannot be used', async () => {
    const { keysOf } = await open()
    await write('one.pem', 'no certificate')
    await until(() => issuers?.problem !== undefined, 'there is a problem')
    expect([keysOf(issuer).length, issuers?.problem]).to.deep.equal([1, `${at('one.pem')} holds no certificate in PEM`])
    await write('one.pem', selfSigned(keys[0] ?? ''))
    await until(() => issuers?.problem === undefined, 'there is none any more')
  })

  it('are not those of a development deployment in production', async () => {
    const problem = await open('production').catch((failure: Error) => failure.message)
    expect(problem).to.match(/one\.pem is the certificate of a development issuer/)
  })

  it('are refused in words where the list is none', async () => {
    await write('xua-issuers.json', '{')
    expect(await open().catch((failure: Error) => failure.message)).to.match(/is not JSON/)
    await write('xua-issuers.json', '[{}]')
    expect(await open().catch((failure: Error) => failure.message)).to.match(/cannot be used: .*issuer/)
    await ports.files.remove(at('xua-issuers.json'))
    expect((await open()).names).to.deep.equal([])
  })
})
