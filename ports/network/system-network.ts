// The network of this machine.
import type { Network } from '../network.js'
import { httpClient } from './http-client.js'
import { serveHttp, serveHttps } from './http-server.js'
import { connectTcp, serveTcp, unconnected } from './tcp.js'
import { connectTls, serveTls, shownCertificate } from './tls.js'
import { receiveUdp } from './udp.js'

export const systemNetwork: Network = {
  serveHttps,
  serveHttp,
  httpClient,
  serveTls,
  connectTls,
  shownCertificate,
  serveTcp,
  receiveUdp,
  connectTcp,
  socket: unconnected,
}
