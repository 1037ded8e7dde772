// What a network may do to the way between two communities, beside lying: cut at any byte, slow down, fall silent, send without end.
import type { Socket } from 'node:net'
import type { Answer } from '../http-connection.js'
import { asBytes, type Mischief } from './liar.js'
import { actionEnds } from './lies.js'
import { mostBytes, patienceMs } from './two-communities.js'

export interface Fault {
  name: string
  mischief: Mischief
}

/** `truths` are answers as they are without any fault, by the end of their action: they say how many places there are to cut at. */
export function faultsOnTheWay(truths: ReadonlyMap<string, Answer>, places: number | 'every byte'): Fault[] {
  const cuts = [...truths].flatMap(([to, answer]) => {
    const length = asBytes(answer).length
    const step = places === 'every byte' ? 1 : Math.max(1, Math.floor(length / places))
    return Array.from({ length: Math.ceil(length / step) }, (_, index) => cutAt(to, index * step))
  })
  return [...cuts, ...Object.values(actionEnds).flatMap(silences), ...connections, endless]
}

function cutAt(to: string, bytes: number): Fault {
  return {
    name: `${to} cut after ${bytes} bytes`,
    mischief: {
      to,
      async atAnswer(truth, socket) {
        const whole = asBytes(await truth())
        socket.write(whole.subarray(0, bytes), () => socket.destroy())
      },
    },
  }
}

function silences(to: string): Fault[] {
  const way = (name: string, atAnswer: Mischief['atAnswer']): Fault => ({
    name: `${to} ${name}`,
    mischief: { to, atAnswer },
  })
  return [
    way('never answered', async () => {}),
    way('hung up on', async (_, socket) => void socket.destroy()),
    way('stopped in the middle', async (truth, socket) => {
      const whole = asBytes(await truth())
      socket.write(whole.subarray(0, whole.length / 2))
    }),
    way('answered a byte at a time', async (truth, socket) => drip(asBytes(await truth()), socket)),
    way('answered too late', async (truth, socket) => {
      const whole = asBytes(await truth())
      setTimeout(() => socket.end(whole), patienceMs + 200)
    }),
    way('answered HTTP 503', async (_, socket) => {
      socket.end(asBytes({ status: 503, contentType: 'text/plain', body: Buffer.from('busy') }))
    }),
  ]
}

function drip(bytes: Buffer, socket: Socket): void {
  let at = 0
  const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), 20)
  socket.once('close', () => clearInterval(timer))
}

const connections: Fault[] = [
  {
    name: 'a connection that nobody speaks on',
    mischief: { to: actionEnds['ITI-38'], atConnection: () => {} },
  },
  {
    name: 'a connection that is ended at once',
    mischief: { to: actionEnds['ITI-38'], atConnection: socket => void socket.destroy() },
  },
  {
    name: 'a connection that speaks something else than TLS',
    mischief: { to: actionEnds['ITI-38'], atConnection: socket => void socket.end('SSH-2.0-other\r\n') },
  },
]

/** More than is taken, and no end to it. */
const endless: Fault = {
  name: 'a document without an end',
  mischief: {
    to: actionEnds['ITI-39'],
    async atAnswer(truth, socket) {
      const { status, contentType, body } = await truth()
      // Up to where the first byte of the document stands; then it goes on.
      const start = body.subarray(0, body.lastIndexOf('\r\n\r\n') + 4)
      socket.write(
        asBytes({ status, contentType, body: start })
          .toString('latin1')
          .replace(/content-length: \d+\r\n/, ''),
        'latin1',
      )
      const zeros = Buffer.alloc(64 * 1024)
      let sent = 0
      const more = () => {
        while (!socket.destroyed && sent < 64 * mostBytes && socket.write(zeros)) sent += zeros.length
        if (sent >= 64 * mostBytes) socket.destroy()
      }
      socket.on('drain', more)
      more()
    },
  },
}
