// Many partners that hold a connection and hardly use it: a byte now and then of a header or a body, or nothing at all. Others
// must be served all the while, and the connections must be ended in good time.
import { connect, type TLSSocket } from 'node:tls'
import { type Deployment, pause } from '../deployment.js'
import { getDocumentsByUniqueId } from '../messages.js'
import { ask } from '../submitters.js'
import type { Result } from './results-table.js'

export interface Holding {
  count: number
  holds: 'header' | 'body' | 'nothing'
}

const dripMs = 5_000
/** Headers must be there after 30 s; of a body 64 kB must come in 30 s; nothing at all is borne for 30 s (limits.idleMs). */
const mostHeldMs = 75_000
const questions = 20

export async function holdConnections(carnet: Deployment, { count, holds }: Holding): Promise<Result> {
  const faults: string[] = []
  const before = await latencyMs(carnet)
  const began = performance.now()
  const sockets: TLSSocket[] = []
  let ended = 0
  let lastEndMs = 0
  for (let opened = 0; opened < count; opened += 50) {
    await Promise.all(
      Array.from({ length: Math.min(50, count - opened) }, async () => {
        const socket = await held(carnet, holds)
        sockets.push(socket)
        const openedMs = performance.now()
        socket.once('close', () => {
          ended += 1
          lastEndMs = Math.max(lastEndMs, performance.now() - openedMs)
        })
      }),
    )
  }
  const openMs = performance.now() - began
  const drip = setInterval(() => {
    if (holds !== 'nothing') for (const socket of sockets) if (!socket.destroyed) socket.write('x')
  }, dripMs)
  const during = await latencyMs(carnet).catch(problem => {
    faults.push(`others are not served: ${(problem as Error).message}`)
    return Number.NaN
  })
  for (const deadline = performance.now() + mostHeldMs; ended < count && performance.now() < deadline; )
    await pause(500)
  clearInterval(drip)
  if (ended < count)
    faults.push(`${count - ended} of ${count} connections were still open after ${mostHeldMs / 1000} s`)
  for (const socket of sockets) socket.destroy()
  if (during > Math.max(250, before * 5))
    faults.push(`others waited ${Math.round(during)} ms instead of ${Math.round(before)} ms`)
  const seen = `opened in ${(openMs / 1000).toFixed(0)} s, all ended by us after ${(lastEndMs / 1000).toFixed(0)} s at most; others waited ${before.toFixed(0)} ms before and ${during.toFixed(0)} ms meanwhile (median of ${questions})`
  return { tried: count, faults, seen }
}

function held({ urls, client }: Deployment, holds: Holding['holds']): Promise<TLSSocket> {
  const { hostname, port, host } = new URL(urls.registry)
  return new Promise((resolve, reject) => {
    const socket = connect({ ...client, host: hostname, port: Number(port), servername: hostname })
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.off('error', reject)
      socket.on('error', () => socket.destroy())
      socket.resume()
      const head = `POST /registry HTTP/1.1\r\nhost: ${host}\r\n`
      if (holds === 'header') socket.write(`${head}x-slow: `)
      if (holds === 'body')
        socket.write(`${head}content-type: application/soap+xml\r\ncontent-length: 1000000\r\n\r\n<`)
      resolve(socket)
    })
  })
}

/** Of another partner than the one that holds connections: nobody gets more than its share. */
async function latencyMs(carnet: Deployment): Promise<number> {
  const took: number[] = []
  for (let count = 0; count < questions; count++) {
    const began = performance.now()
    const { status } = await ask(
      { ...carnet, client: carnet.admin },
      carnet.urls.registry,
      getDocumentsByUniqueId(['2.25.1']),
    )
    if (status !== 'Success') throw new Error(`a query was answered ${status}`)
    took.push(performance.now() - began)
  }
  return took.sort((one, other) => one - other)[questions / 2] ?? Number.NaN
}
