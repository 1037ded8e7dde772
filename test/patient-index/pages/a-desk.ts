// Somebody at a registration desk, with a browser of few words, in front of a patient index in this process.
import { Readable, Writable } from 'node:stream'
import type { PeerRole } from '../../../config/peer-roles.js'
import { openReviewPages } from '../../../patient-index/pages/serve.js'
import { base } from '../../../patient-index/pages/visit.js'
import type { TestPatientIndex } from '../a-patient-index.js'

export interface Seen {
  status: number
  headers: Record<string, string | string[]>
  body: string
}

export interface Desk {
  /** Below the path of the pages. */
  get(path: string, headers?: Record<string, string>): Promise<Seen>
  /** With the token of the last page that had a form, unless another is given. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Seen>
}

const origin = 'https://localhost:8445'

export function openDesk(index: TestPatientIndex) {
  const logged: object[] = []
  const pages = openReviewPages({
    ...{ context: index.context, origin, timeZone: 'Europe/Zurich' },
    log: { error: facts => void logged.push(facts) },
  })

  function desk(name: string, ...roles: PeerRole[]): Desk {
    let token = ''
    const ask = async (method: string, path: string, body: string, headers: Record<string, string>): Promise<Seen> => {
      const seen: Seen = { status: 0, headers: {}, body: '' }
      const request = {
        ...{ method, url: base + path, remoteAddress: '10.0.0.7' },
        headers: { 'accept-language': 'en', ...headers },
        body: Readable.from(body === '' ? [] : [Buffer.from(body)]),
        peer: undefined,
      }
      const stream = new Writable({
        write(piece, _, done) {
          seen.body += String(piece)
          done()
        },
      })
      const start = (status: number, sent: Record<string, string>) => Object.assign(seen, { status, headers: sent })
      await pages.serve(request, { start, stream, abort: () => stream.destroy() }, partner)
      token = /name="token" value="([^"]+)"/.exec(seen.body)?.[1] ?? token
      return seen
    }
    const partner = { name, roles: new Set(roles), address: '10.0.0.7' }
    return {
      get: (path, headers = {}) => ask('GET', path, '', headers),
      post: (path, fields, headers = {}) =>
        ask('POST', path, String(new URLSearchParams({ token, ...fields })), {
          ...{ 'content-type': 'application/x-www-form-urlencoded', origin, 'sec-fetch-site': 'same-origin' },
          ...headers,
        }),
    }
  }

  return { desk, logged }
}
