// Peers that are gone without a word, in the middle of whatever was going on: nothing comes from them any more, nothing is taken, and no
// packet says so. What they hold must be let go in good time, others must be served, and of what they had begun nothing may be half there.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { faultsOf } from '../after-the-kills.js'
import { type Deployment, pause } from '../deployment.js'
import { httpRequest } from '../http-connection.js'
import { freshOid, provideAndRegister, retrieve } from '../messages.js'
import { ask, type Submitted } from '../submitters.js'
import type { Result } from './results-table.js'

const eachStage = 20
/** A handshake has 20 s, headers have 30 s, for 30 s nothing need move (limits.idleMs), and between two requests a connection rests for 75 s. */
const mostHeldMs = 90_000
const patientId = 'HALF-OPEN^^^&2.999.1&ISO'

interface Scene {
  carnet: Deployment
  /** Too large for what a connection holds on its way. */
  large: string
  begun: Submitted[]
}

/** How far it had come when its peer was gone. */
const stages: Record<string, (scene: Scene) => Promise<Socket>> = {
  'before the handshake': ({ carnet }) => opened(connectTcp(portOf(carnet), '127.0.0.1'), 'connect'),
  'in the handshake': async ({ carnet }) => {
    const socket = await opened(connectTcp(portOf(carnet), '127.0.0.1'), 'connect')
    socket.write(Buffer.from('16030102000100', 'hex'))
    return socket
  },
  'after the handshake': ({ carnet }) => secure(carnet),
  'in the header': async ({ carnet }) => {
    const socket = await secure(carnet)
    socket.write('POST /repository HTTP/1.1\r\nhost: localhost\r\ncontent-ty')
    return socket
  },
  'in the document of an ITI-41': async scene => {
    const { wire, submitted } = aSubmission(scene.carnet)
    scene.begun.push(submitted)
    const socket = await secure(scene.carnet)
    socket.write(wire.subarray(0, wire.length - 1_000))
    return socket
  },
  'before the answer to an ITI-41': async scene => {
    const { wire, submitted } = aSubmission(scene.carnet)
    scene.begun.push(submitted)
    const socket = await secure(scene.carnet)
    socket.pause()
    socket.write(wire)
    return socket
  },
  'in the answer to an ITI-43': async ({ carnet, large }) => {
    const socket = await secure(carnet)
    socket.write(httpRequest('POST', new URL(carnet.urls.repository), retrieve(carnet.repositoryUniqueId, [large])))
    await new Promise(resolve => socket.once('data', resolve))
    socket.pause()
    return socket
  },
}

export async function leaveHalfOpen(carnet: Deployment): Promise<Result> {
  const scene: Scene = { carnet, large: freshOid(), begun: [] }
  const small = freshOid()
  for (const [uniqueId, size] of [
    [scene.large, 30_000_000],
    [small, 1_000],
  ] as const) {
    const described = { uniqueId, patientId, mimeType: 'application/octet-stream' }
    await ask(carnet, carnet.urls.repository, provideAndRegister(described, randomBytes(size)))
  }
  const before = await latencyMs(carnet, small)
  const left: { stage: string; socket: Socket }[] = []
  for (const [stage, open] of Object.entries(stages))
    for (let count = 0; count < eachStage; count++) left.push({ stage, socket: await open(scene) })
  const began = performance.now()
  const during = await latencyMs(carnet, small)
  let held = left
  const heldMs = new Map<string, number>()
  while (held.length > 0 && performance.now() - began < mostHeldMs) {
    await pause(500)
    const open = openAt(portOf(carnet))
    held = held.filter(({ socket }) => open.has(socket.localPort ?? 0))
    for (const { stage } of held) heldMs.set(stage, performance.now() - began)
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  const faults = held.map(({ stage }) => `a connection whose peer was gone ${stage} was still held after ${seconds} s`)
  for (const { socket } of left) socket.destroy()
  if (during > Math.max(250, before * 5))
    faults.push(`others waited ${Math.round(during)} ms instead of ${Math.round(before)} ms`)
  for (const one of scene.begun) faults.push(...(await faultsOf(carnet, one)))
  const each = Object.keys(stages).map(stage => `${stage} ${((heldMs.get(stage) ?? 0) / 1000).toFixed(0)} s`)
  const seen = `${eachStage} at each of these, all let go after: ${each.join(', ')}; others waited ${before.toFixed(0)} ms before and ${during.toFixed(0)} ms meanwhile; of each document all or nothing is there`
  return { tried: left.length, faults, seen }
}

/** Of another partner: the median of twenty retrievals. */
async function latencyMs(carnet: Deployment, uniqueId: string): Promise<number> {
  const took: number[] = []
  while (took.length < 20) {
    const began = performance.now()
    const other = { ...carnet, client: carnet.admin }
    const { status } = await ask(other, carnet.urls.repository, retrieve(carnet.repositoryUniqueId, [uniqueId]))
    if (status !== 'Success') throw new Error(`a retrieval was answered ${status}`)
    took.push(performance.now() - began)
  }
  return took.sort((one, other) => one - other)[10] ?? Number.NaN
}

const portOf = ({ urls }: Deployment) => Number(new URL(urls.repository).port)

async function opened<Opening extends Socket>(socket: Opening, ready: 'connect' | 'secureConnect'): Promise<Opening> {
  await new Promise((resolve, reject) => socket.once(ready, resolve).once('error', reject))
  return socket.on('error', () => socket.destroy())
}

function secure(carnet: Deployment): Promise<Socket> {
  const options = { ...carnet.client, host: '127.0.0.1', port: portOf(carnet), servername: 'localhost' }
  return opened(connectTls(options), 'secureConnect')
}

function aSubmission(carnet: Deployment): { wire: Buffer; submitted: Submitted } {
  const bytes = randomBytes(200_000)
  const uniqueId = freshOid()
  const message = provideAndRegister({ uniqueId, patientId, mimeType: 'application/octet-stream' }, bytes)
  const traceId = randomBytes(16).toString('hex')
  const headers = { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` }
  const wire = httpRequest('POST', new URL(carnet.urls.repository), { ...message, headers })
  return { wire, submitted: { uniqueId, patientId, message, bytes, traceId, outcome: 'unknown', why: 'half-open' } }
}

const established = '01'

/** Ports of the other side of connections that the service at this port has not let go. [proc(5), net/tcp] */
function openAt(port: number): Set<number> {
  const ports = new Set<number>()
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
      const [, local = '', remote = '', state] = line.trim().split(/\s+/)
      const portIn = (address: string) => Number.parseInt(address.split(':')[1] ?? '', 16)
      if (state === established && portIn(local) === port) ports.add(portIn(remote))
    }
  }
  return ports
}
