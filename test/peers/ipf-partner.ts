// The partner in Java below ipf/, built by Maven and run as a process: told in lines of JSON what to ask and what to answer.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { packageRoot } from '../../ports/processes.js'
import { atExit } from '../house/at-exit.js'

export interface IpfPartner {
  /** Where each of its servers is, by transaction. */
  url(transaction: Ipf): string
  /** IPF's client sends a message of HL7 v3. */
  send(transaction: Ipf, url: string, body: string, options?: string): Promise<Judged & { answer: string }>
  /** ITI-38, by patient or by uniqueId. */
  query(url: string, wanted: { patientId?: string; uniqueId?: string; home?: string }): Promise<QueryAnswer>
  /** ITI-63. */
  fetch(url: string, wanted: FetchWanted): Promise<RetrieveAnswer>
  /** ITI-80, or an ITI-41 that says for which community it is. */
  provide(transaction: 'ITI-41' | 'ITI-80', url: string, provided: Provided): Promise<ProvideAnswer>
  /** ITI-39. */
  retrieve(url: string, documents: IpfDocumentRequest[]): Promise<RetrieveAnswer>
  /** What its servers answer to a transaction of HL7 v3 from now on: {messageId}, {queryId} and {query} are those of the request. */
  answer(transaction: Ipf, template: string): Promise<void>
  /** What its responding gateway has, by uniqueId. */
  hold(holdings: {
    home: string
    repository: string
    patientId: string
    documents: Record<string, string>
  }): Promise<void>
  /** What its servers were sent since the last time, with IPF's opinion; null is none. */
  heard(): Promise<{ transaction: Ipf; message: string; opinion: string | null }[]>
  close(): Promise<void>
}

export type Ipf =
  | 'ITI-38'
  | 'ITI-39'
  | 'ITI-44'
  | 'ITI-45'
  | 'ITI-46'
  | 'ITI-47'
  | 'ITI-55'
  | 'ITI-56'
  | 'ITI-63'
  | 'ITI-80'

/** What IPF's validators complain of; null where they do not. */
export interface Judged {
  ofRequest: string | null
  ofResponse: string | null
}

export interface IpfDocumentRequest {
  repositoryUniqueId: string
  documentUniqueId: string
  homeCommunityId?: string
}

export interface Provided {
  /** Of the SubmissionSet. */
  uniqueId: string
  patientId: string
  /** By uniqueId. */
  documents: Record<string, string>
  /** In the SOAP header; nothing there without it. */
  target?: string
}

export interface ProvideAnswer extends Judged {
  status: string
  errors: string[]
}

export interface FetchWanted {
  patientId: string
  classCode: string
  /** Its coding scheme. */
  scheme: string
  home?: string
}

export interface QueryAnswer extends Judged {
  status: string
  errors: string[]
  entries: {
    uniqueId: string
    homeCommunityId: string | null
    repositoryUniqueId: string
    patientId: string
    hash: string
    size: number
  }[]
}

export interface RetrieveAnswer extends Judged {
  status: string
  errors: string[]
  documents: {
    documentUniqueId: string
    homeCommunityId: string | null
    mimeType: string
    size: number
    sha1: string
  }[]
}

const project = join(packageRoot, 'test', 'peers', 'ipf')
const target = join(packageRoot, '.build', 'ipf')

/** Why there is no partner in Java here; undefined once it is built. */
export function whyNoIpf(): string | undefined {
  for (const command of ['java', 'mvn']) {
    if (spawnSync(command, ['-version'], { stdio: 'ignore' }).error !== undefined) return `${command} is not installed`
  }
  const { status, stdout } = spawnSync('mvn', ['-q', '-B', 'process-classes'], { cwd: project, encoding: 'utf8' })
  if (status === 0) return undefined
  if (/Could not (?:transfer|resolve|find) /.test(stdout)) return `IPF's artifacts cannot be had: ${firstError(stdout)}`
  throw new Error(`the partner in Java does not compile:\n${stdout}`)
}

function firstError(output: string): string {
  return (
    output
      .split('\n')
      .find(line => line.startsWith('[ERROR]'))
      ?.slice(0, 300) ?? output.slice(0, 300)
  )
}

export interface StartIpf {
  port: number
  /** PKCS#12 files, the password of both the same. */
  keyStore: string
  trustStore: string
  password: string
}

export async function startIpf({ port, keyStore, trustStore, password }: StartIpf): Promise<IpfPartner> {
  const classes = [join(target, 'classes'), readFileSync(join(target, 'classpath'), 'utf8').trim()].join(':')
  const words = ['-Xmx512m', '-cp', classes, 'carnet.peer.Partner', String(port), keyStore, trustStore, password]
  const java = spawn('java', words, { stdio: ['pipe', 'pipe', 'pipe'] })
  atExit(() => java.kill('SIGKILL'))
  const tell = await dialogue(java)
  // Named as IPF names its components.
  const schemes: Record<Ipf, string> = {
    'ITI-38': 'xca-iti38',
    'ITI-39': 'xca-iti39',
    'ITI-44': 'pixv3-iti44',
    'ITI-45': 'pixv3-iti45',
    'ITI-46': 'pixv3-iti46',
    'ITI-47': 'pdqv3-iti47',
    'ITI-55': 'xcpd-iti55',
    'ITI-56': 'xcpd-iti56',
    'ITI-63': 'xcf-iti63',
    'ITI-80': 'xcdr-iti80',
  }
  return {
    url: transaction => `https://localhost:${port}/services/${schemes[transaction]}`,
    send: (transaction, url, body, options = '') => tell({ do: 'send', transaction, url, body, options }),
    query: (url, wanted) => tell({ do: 'query', url, ...wanted }),
    fetch: (url, wanted) => tell({ do: 'fetch', url, ...wanted }),
    provide: (transaction, url, provided) =>
      tell({ do: 'provide', transaction, url, home: '', repository: '', ...provided }),
    retrieve: (url, documents) => tell({ do: 'retrieve', url, documents }),
    answer: (transaction, template) => tell({ do: 'answer', transaction, template }),
    hold: holdings => tell({ do: 'hold', ...holdings }),
    heard: async () => (await tell<{ messages: [] }>({ do: 'heard' })).messages,
    async close() {
      const ended = new Promise(resolve => java.once('close', resolve))
      java.stdin.end()
      await ended
    },
  }
}

type Tell = <Answer>(command: object) => Promise<Answer>

/** One command after the other, each answered by a line. */
async function dialogue(java: ChildProcess): Promise<Tell> {
  let complained = ''
  java.stderr?.on('data', piece => {
    complained = (complained + piece).slice(-20_000)
  })
  const lines = createInterface({ input: java.stdout! })[Symbol.asyncIterator]()
  const heard = async (): Promise<string> => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`the partner in Java has ended:\n${complained}`)
    return value
  }
  let last: Promise<unknown> = heard()
  await last
  return command => {
    const answered = last
      .catch(() => {})
      .then(async () => {
        java.stdin?.write(`${JSON.stringify(command)}\n`)
        const answer = JSON.parse(await heard())
        if (answer.failure !== undefined) throw new Error(answer.failure)
        return answer
      })
    last = answered
    return answered
  }
}
