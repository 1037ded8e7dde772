// A real object storage for tests: versitygw over TLS, where it is installed (see .ci/run). Those tests skip where it is not.
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { validFor } from '../../certs/development.js'
import { issueCa, issueLeaf, newKey } from '../../certs/issue.js'
import { systemClock } from '../../ports/clock.js'
import { systemNetwork } from '../../ports/network/system-network.js'
import { systemRandomness } from '../../ports/randomness.js'
import { sha256Of } from '../../s3/checksums.js'
import { openRequests } from '../../s3/requests.js'
import { atExit } from '../house/at-exit.js'
import { freePort } from '../ports/free-port.js'
import { testCredentials } from './a-bucket.js'

export const missingWords = 'versitygw is not installed: go install github.com/versity/versitygw/cmd/versitygw@latest'

export function versitygwPath(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), join(homedir(), 'go', 'bin')]
  return folders.map(folder => join(folder, 'versitygw')).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export interface RealStorage {
  endpoint: string
  /** PEM of the CA that signed its certificate. */
  ca: string
  caFile: string
  credentialsFile: string
  /** Where it keeps its files. */
  folder: string
  /** Ends it at once. */
  kill(): Promise<void>
  /** Starts it again at the same place, over what is there. */
  start(): Promise<void>
  end(): Promise<void>
}

/** With a bucket of the name `bucket`. */
export async function aRealStorage({ versions = false } = {}): Promise<RealStorage> {
  const program = versitygwPath()
  if (program === undefined) throw new Error(missingWords)
  const folder = await mkdtemp(join(tmpdir(), 'carnet-s3-'))
  const at = (name: string) => join(folder, name)
  for (const name of ['data', 'versions']) await mkdir(at(name))
  const { keyFile, certFile, caFile, ca } = await certificates(folder)
  await writeFile(at('credentials.json'), JSON.stringify(testCredentials))
  const port = await freePort()
  let child: ChildProcess | undefined
  const storage: RealStorage = {
    endpoint: `https://localhost:${port}`,
    ca,
    caFile,
    credentialsFile: at('credentials.json'),
    folder: at('data'),
    async kill() {
      const ended = new Promise(resolve => child?.once('exit', resolve))
      child?.kill('SIGKILL')
      await ended
    },
    async start() {
      const { accessKeyId, secretAccessKey } = testCredentials
      const general = ['--port', `127.0.0.1:${port}`, '--access', accessKeyId, '--secret', secretAccessKey, '--quiet']
      const kept = versions ? ['--versioning-dir', at('versions')] : []
      child = spawn(
        program,
        [...general, '--keep-alive', '--cert', certFile, '--key', keyFile, 'posix', ...kept, at('data')],
        { stdio: 'ignore' },
      )
      await asked(storage, 'PUT', {}, [200, 409])
    },
    async end() {
      await storage.kill()
      forget()
      await rm(folder, { recursive: true, force: true })
    },
  }
  // Nor does it outlive a run that is cut off.
  const forget = atExit(() => child?.kill('SIGKILL'))
  await storage.start()
  if (versions) {
    const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
    await asked(storage, 'PUT', { versioning: '' }, [200], body)
  }
  return storage
}

async function certificates(folder: string) {
  const [caKey, leafKey] = await Promise.all([newKey(), newKey()])
  const validity = validFor(1, systemClock)
  const ca = issueCa(caKey, 'CA of the object storage', validity, systemRandomness)
  const { cert } = issueLeaf(
    leafKey,
    { commonName: 'localhost', names: ['localhost', '127.0.0.1'], usages: ['serverAuth'] },
    ca,
    validity,
    systemRandomness,
  )
  const files = { keyFile: join(folder, 'key.pem'), certFile: join(folder, 'cert.pem'), caFile: join(folder, 'ca.pem') }
  await writeFile(files.keyFile, leafKey, { mode: 0o600 })
  await writeFile(files.certFile, cert)
  await writeFile(files.caFile, ca.cert)
  return { ...files, ca: ca.cert }
}

/** Of the bucket itself; sent again until the storage is there. */
async function asked(
  { endpoint, ca }: RealStorage,
  method: 'PUT',
  query: Record<string, string>,
  good: number[],
  text = '',
): Promise<void> {
  const client = systemNetwork.httpClient({ ca })
  const requests = openRequests({
    endpoint,
    bucket: 'bucket',
    region: 'us-east-1',
    pathStyle: true,
    credentials: { current: async () => testCredentials, forget() {} },
    client,
    clock: systemClock,
    randomness: systemRandomness,
    timeoutMs: 1_000,
    patienceMs: 10_000,
  })
  const pieces = [Buffer.from(text)]
  const body = { pieces, sha256: sha256Of(pieces) }
  await requests.send({ method, key: '', query, good, body, does: 'take a bucket' }, async answer => {
    answer.body.resume()
  })
  client.close()
}
