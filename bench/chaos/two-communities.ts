// Two communities that trust one another, a patient known in both and documents of hers in each; between their gateways a liar.
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { certificateFacts } from '../../certs/read.js'
import { readAnswer } from '../answers.js'
import { type Deployment, deploy, type Identity, identity } from '../deployment.js'
import { feed, idsElsewhere } from '../hl7v3-messages.js'
import { type Answer, httpRequest, openConnection } from '../http-connection.js'
import { freshOid, type Message, plain, provideAndRegister, sha1Of } from '../messages.js'
import { type Asked, type Liar, startLiar } from './liar.js'

export interface TwoCommunities {
  near: Deployment
  far: Deployment
  /** Where consumers ask. */
  gateway: URL
  liar: Liar
  farHome: string
  /** As CX, by the id of the near community. */
  patientId: string
  /** Of the far community, two of them. */
  documents: FarDocument[]
  stop(): Promise<void>
}

export interface FarDocument {
  uniqueId: string
  repositoryUniqueId: string
  sha1: string
}

/** The gateway waits so long for the far community. */
export const patienceMs = 3_000
/** Whom a community knows is said by its patient index. */
const discovery = '/patient-index'

/** And takes no document longer than this. */
export const mostBytes = 1024 * 1024

export async function twoCommunities(near: Deployment): Promise<TwoCommunities> {
  const far = await deploy()
  // It has the certificates of both: to each it is the other.
  const liar = await startLiar({ ...identityOf(far), ca: identityOf(near).ca }, asked =>
    passedOn(asked, far, { ...identityOf(near), ca: identityOf(far).ca }),
  )
  trust(near, far)
  trust(far, near)
  const { homeCommunityId: farHome } = configOf(far).gateway
  await near.startAgain(async () => neighbours(near, farHome, liar))
  await far.startAgain(async () => {})
  const [nearId, farId] = [await announced(near), await announced(far)]
  await submitted(near, nearId)
  const documents = [await submitted(far, farId), await submitted(far, farId)]
  return {
    ...{ near, far, gateway: serviceUrl(near, 4, '/gateway'), liar, farHome, patientId: nearId, documents },
    async stop() {
      await liar.close()
      await far.stop()
    },
  }
}

function serviceUrl({ portBase }: Deployment, offset: number, path: string): URL {
  return new URL(`https://localhost:${portBase + offset}${path}`)
}

function configOf({ folder }: Deployment) {
  return JSON.parse(readFileSync(join(folder, 'carnet.json'), 'utf8'))
}

function identityOf({ folder }: Deployment): Identity {
  return identity(folder, 'gateway')
}

function trust({ folder }: Deployment, other: Deployment): void {
  const { cert, ca } = identityOf(other)
  writeFileSync(join(folder, 'certs', 'partners.pem'), ca)
  const fingerprints = [certificateFacts(cert).fingerprint256]
  writeFileSync(
    join(folder, 'partners.json'),
    JSON.stringify([{ name: 'the other community', fingerprints, roles: ['gateway'] }]),
  )
}

function neighbours(near: Deployment, farHome: string, { url }: Liar): void {
  const config = configOf(near)
  config.gateway.limits = { attachmentBytes: mostBytes }
  // Asked anew each time, so that each answer can be a lie.
  config.gateway.correlationMinutes = 1e-6
  config.gateway.communities = [
    {
      ...{ name: 'far', homeCommunityId: farHome, discovery: url(discovery) },
      ...{ query: url('/gateway'), retrieve: url('/gateway'), timeoutMs: patienceMs, retrieveTimeoutMs: patienceMs },
    },
  ]
  writeFileSync(join(near.folder, 'carnet.json'), JSON.stringify(config, undefined, 2))
}

function passedOn({ path, contentType, body }: Asked, far: Deployment, tls: Identity): Promise<Answer> {
  const url = path === discovery ? serviceUrl(far, 5, path) : serviceUrl(far, 4, path)
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': contentType, 'content-length': body.length }
    const call = request(url, { ...tls, method: 'POST', headers, agent: false }, async answer => {
      try {
        const bytes = Buffer.concat(await answer.toArray())
        resolve({ status: answer.statusCode ?? 0, contentType: answer.headers['content-type'] ?? '', body: bytes })
      } catch (problem) {
        reject(problem)
      }
    })
    call.on('error', reject)
    call.end(body)
  })
}

const hospital = '2.999.71'

/** @returns the id by which the community knows her, once its registry does too */
async function announced(carnet: Deployment): Promise<string> {
  const index = serviceUrl(carnet, 5, discovery)
  const { assigningAuthority } = configOf(carnet).patientIndex
  const lea = { family: 'Brändli', given: 'Léa', gender: 'F', born: '19710304' } as const
  const fed = await sent(
    index,
    soap('PRPA_IN201301UV02', feed('add', { ...lea, ids: [['1', hospital]] })),
    carnet.admin,
  )
  if (!fed.body.includes('code="CA"')) throw new Error(`the patient was not taken: ${fed.body}`)
  const told = await sent(
    index,
    soap('PRPA_IN201309UV02', idsElsewhere('1', hospital, assigningAuthority)),
    carnet.admin,
  )
  const extension = new RegExp(`<id root="${assigningAuthority}" extension="([^"]+)"`).exec(told.body.toString())?.[1]
  if (extension === undefined) throw new Error(`the patient has no id here: ${told.body}`)
  return `${extension}^^^&${assigningAuthority}&ISO`
}

async function submitted(carnet: Deployment, patientId: string): Promise<FarDocument> {
  const bytes = randomBytes(3_000)
  const uniqueId = freshOid()
  const described = { uniqueId, patientId, mimeType: 'application/octet-stream' }
  const answer = readAnswer(
    await sent(new URL(carnet.urls.repository), provideAndRegister(described, bytes), carnet.client),
  )
  if (answer.status !== 'Success') throw new Error(`the document was not taken: ${JSON.stringify(answer.errors)}`)
  const { repositoryUniqueId } = carnet
  return { uniqueId, repositoryUniqueId, sha1: sha1Of(bytes) }
}

export function soap(action: string, body: string, header = ''): Message {
  return plain(
    `<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><soap:Header><a:Action>${action.includes(':') ? action : `urn:hl7-org:v3:${action}`}</a:Action><a:MessageID>urn:uuid:${randomUUID()}</a:MessageID>${header}</soap:Header><soap:Body>${body}</soap:Body></soap:Envelope>`,
  )
}

export async function sent(
  url: URL,
  message: Message,
  tls: Identity,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const connection = await openConnection(url, tls, 30_000)
  try {
    return await connection.send(httpRequest('POST', url, { ...message, headers }))
  } finally {
    connection.close()
  }
}
