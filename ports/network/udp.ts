// Datagrams as they come: each stands for itself, and nobody hears whether it was taken.
import * as dgram from 'node:dgram'
import type { DatagramServer, ReceiveDatagrams } from '../network.js'

/** Resolves when the port is open. `onProblem` hears of what goes wrong later; of datagrams that the kernel dropped (over 4 MiB waiting) nobody hears. */
export function receiveUdp({ host, port, hear, onProblem }: ReceiveDatagrams): Promise<DatagramServer> {
  const socket = dgram.createSocket({
    type: host.includes(':') ? 'udp6' : 'udp4',
    // What comes faster than it is taken waits in the kernel, and is lost beyond that.
    recvBufferSize: 4 * 1024 * 1024,
  })
  socket.on('message', (bytes, { address }) => hear(bytes, address))
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ address: host, port }, () => {
      socket.off('error', reject)
      socket.on('error', onProblem)
      resolve({
        port: socket.address().port,
        close: () => new Promise(closed => socket.close(() => closed())),
      })
    })
  })
}
