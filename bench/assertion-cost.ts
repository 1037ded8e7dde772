// `npm run bench:xua`: what the assertion of a user costs a request, as CPU of the registry with it and without, one after another
// on one deployment. ITI-18 with no result is the request that does least beside.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cpuUs, settled } from './cost.js'
import { type Deployment, deploy, root } from './deployment.js'
import { httpRequest, openConnection } from './http-connection.js'
import { findDocuments, type Message } from './messages.js'

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '3000' }, rounds: { type: 'string', default: '3' } },
})
const requests = Number(values.requests)
const spid = '761337610000000002'
const patient = 'DEMO-1^^^&2.999.1&ISO'

const deployment = await deploy(['--profile', 'ch-epr'])
try {
  await deployment.ready(60_000)
  const token = tokenOf(deployment)
  const plain = findDocuments(patient)
  const asserted = withToken(plain, token)
  await once(deployment, asserted)
  await measured(deployment, asserted)
  console.log(`ITI-18 without a result, ${requests} requests each; a token of ${token.length} characters, RSA 2048`)
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    const [without, withIt] = [await measured(deployment, plain), await measured(deployment, asserted)]
    const ratio = (withIt / without).toFixed(2)
    console.log(`round ${round}: ${without.toFixed(0)} µs CPU without, ${withIt.toFixed(0)} µs with, ratio ${ratio}`)
  }
} finally {
  await deployment.stop()
}

function tokenOf({ folder }: Deployment): string {
  const flags = ['--role', 'HCP', '--patient', spid, '--minutes', '60', '--data', folder]
  return execFileSync(process.execPath, [join(root, 'scripts', 'carnet.js'), 'token', ...flags], {
    encoding: 'utf8',
  }).trim()
}

function withToken({ contentType, body }: Message, token: string): Message {
  const header = `<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">${token}</w:Security>`
  return { contentType, body: Buffer.from(body.toString().replace('</soap:Header>', () => `${header}</soap:Header>`)) }
}

async function once({ urls, client }: Deployment, message: Message): Promise<void> {
  const connection = await openConnection(new URL(urls.registry), client)
  const answer = await connection.send(httpRequest('POST', new URL(urls.registry), message))
  connection.close()
  if (!answer.body.includes('ResponseStatusType:Success')) throw new Error(answer.body.toString())
}

/** Microseconds of CPU a request. */
async function measured({ urls, client, pids }: Deployment, message: Message): Promise<number> {
  const { registry } = pids()
  if (registry === undefined) throw new Error('the registry does not run')
  const url = new URL(urls.registry)
  const sent = httpRequest('POST', url, message)
  const connections = await Promise.all(Array.from({ length: 4 }, () => openConnection(url, client)))
  await settled([registry])
  const before = cpuUs([registry])
  let left = requests
  await Promise.all(
    connections.map(async connection => {
      for (; left > 0; left -= 1) await connection.send(sent)
    }),
  )
  await settled([registry])
  for (const connection of connections) connection.close()
  return (cpuUs([registry]) - before) / requests
}
