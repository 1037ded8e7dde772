import { join } from 'node:path'
import { expect } from 'chai'
import { issueCa, issueLeaf, newKey } from '../../certs/issue.js'
import { readTlsIdentity, type UnusableTls } from '../../certs/tls-identity.js'
import { systemPorts as ports } from '../../ports/ports.js'

describe('key, certificate and CA in their files', () => {
  let folder: string
  const paths = () => ({ key: join(folder, 'a.key'), cert: join(folder, 'a.pem'), ca: join(folder, 'ca.pem') })
  const outcome = () =>
    readTlsIdentity(paths(), ports).then(
      () => 'good',
      (problem: UnusableTls) => [problem.isUnfit, problem.message.replaceAll(`${folder}/`, '')],
    )

  before(async () => {
    folder = await ports.files.temporaryFolder('carnet-tls-')
    const nowMs = Date.now()
    const validity = { fromMs: nowMs - 1_000_000, toMs: nowMs + 1_000_000 }
    const ca = issueCa(await newKey(), 'CA', validity, ports.randomness)
    const request = { commonName: 'a', names: ['localhost'], usages: ['serverAuth'] as const }
    const { key, cert } = issueLeaf(await newKey(), request, ca, validity, ports.randomness)
    await ports.files.replace(paths().key, key)
    await ports.files.replace(paths().cert, cert)
    await ports.files.replace(paths().ca, ca.cert)
  })
  after(() => ports.files.removeFolder(folder))

  it('are read when they belong together', async () => {
    expect(await outcome()).to.equal('good')
  })

  it('are refused in one sentence that names the file', async () => {
    await ports.files.replace(paths().key, await newKey())
    expect(await outcome()).to.deep.equal([
      true,
      'a.pem cannot be used: the key does not belong to the certificate of CN=a,O=Carnet Development',
    ])
    await ports.files.remove(paths().key)
    expect(await outcome()).to.deep.equal([false, 'a.key does not exist'])
    await ports.files.makeFolder(paths().key)
    expect(await outcome()).to.deep.equal([false, 'a.key cannot be read (EISDIR)'])
  })

  it('say whose fault it is where this user may not read them', async () => {
    const files = {
      ...ports.files,
      readFile: (path: string) =>
        path.endsWith('.key')
          ? Promise.reject(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }))
          : ports.files.readFile(path),
    }
    const problem = await readTlsIdentity(paths(), { ...ports, files }).catch((failure: UnusableTls) => failure)
    expect((problem as UnusableTls).message).to.match(
      /a\.key may not be read by this user: change its owner or its rights$/,
    )
  })
})
