// The audit service with its pages, as `carnet atna-audit` runs it, in this process; and a browser of few words.
import * as https from 'node:https'
import { join } from 'node:path'
import type { AuditRecord } from '../../../atna-audit/message.js'
import { openAuditorPages } from '../../../atna-audit/pages/service.js'
import { startAuditRepository } from '../../../atna-audit/repository/service.js'
import type { AuditRepository } from '../../../atna-audit/repository/service-parts.js'
import { writeSyslog } from '../../../atna-audit/syslog.js'
import { writeMessage } from '../../../atna-audit/write-message.js'
import { prepare } from '../../../cli/services/prepare.js'
import type { PagesConfig } from '../../../config/audit-config.js'
import type { CarnetConfig } from '../../../config/carnet-config.js'
import { loadConfig } from '../../../config/load.js'
import type { PageRole } from '../../../config/page-roles.js'
import { type Ports, systemPorts } from '../../../ports/ports.js'
import { giveCertificates } from '../../cli/certificates-once.js'
import { playedTerminal } from '../../cli/played-terminal.js'
import { freePortBase } from '../../cli/started.js'

export interface RunningPages {
  origin: string
  folder: string
  ca: Buffer
  repository: AuditRepository
  config: CarnetConfig
  /** Records as a service of ours would send them. */
  take(records: AuditRecord[], source?: { name: string; host: string }): Promise<void>
  /** An audit message as somebody else would write it. */
  takeMessage(xml: string): Promise<void>
  /** Path and query of a one-time link. */
  link(role?: PageRole): Promise<string>
  /** Somebody who is signed in. */
  reader(role?: PageRole): Promise<Browser>
  browser(options?: Partial<https.RequestOptions>): Browser
  close(): Promise<void>
}

export async function runningPages(
  change: (pages: PagesConfig, folder: string) => PagesConfig | Promise<PagesConfig> = pages => pages,
  ports: Ports = systemPorts,
  mode: CarnetConfig['mode'] = 'development',
): Promise<RunningPages> {
  const folder = await systemPorts.files.temporaryFolder('carnet-pages-')
  await giveCertificates(folder)
  const { configFile } = await prepare(folder, { ports: systemPorts, terminal: playedTerminal(folder) })
  const loaded = await loadConfig(configFile, systemPorts, { portBase: await freePortBase() })
  const { pages } = loaded.atnaAudit
  if (pages === undefined) throw new Error('a first configuration has pages')
  const config: CarnetConfig = {
    ...loaded,
    mode,
    atnaAudit: { ...loaded.atnaAudit, pages: await change(structuredClone(pages), folder) },
  }
  let repository: AuditRepository | undefined
  let resources: Awaited<ReturnType<typeof openAuditorPages>>
  const service = await startAuditRepository(config, ports, async (...around) => {
    repository = around[2]
    resources = await openAuditorPages(...around)
    return resources
  })
  const opened = repository!
  const origin = `https://localhost:${pages.listen.port}`
  const ca = await systemPorts.files.readFile(join(folder, 'certs', 'ca.pem'))
  const browser = (options: Partial<https.RequestOptions> = {}) => openBrowser(origin, { ca, ...options })
  const link = async (role?: PageRole) => {
    const partner = { name: 'tester', roles: new Set(['admin'] as const), address: '127.0.0.1' }
    const asked = { rest: '', query: new URLSearchParams(), body: role === undefined ? undefined : { role }, partner }
    const { url } = (await resources!.resources[0]!.answer(asked)) as { url: string }
    return url.slice(origin.length)
  }
  let written = 0
  return {
    origin,
    folder,
    ca,
    config,
    repository: opened,
    async take(records, { name, host } = { name: 'carnet-registry', host: 'registry.example.org' }) {
      const self = { hostName: host, appName: name, processId: 4_711 }
      const source = { auditSourceID: name, auditEnterpriseSiteID: '2.999.7' }
      // All with one commit, as they come from a sender that has many.
      await Promise.all(
        records.map(record => {
          written += 1
          const frame = writeSyslog(self, record.dateTimeMs, written, writeMessage(record, source))
          return opened.ingest(frame, `${name} at 127.0.0.1`)
        }),
      )
    },
    async takeMessage(xml) {
      const header = '<85>1 2026-11-25T08:00:00Z strange.example.org other 1 IHE+RFC-3881 - '
      await opened.ingest(Buffer.from(header + xml), 'somebody at 127.0.0.1')
    },
    link,
    async reader(role) {
      const one = browser()
      const path = await link(role)
      await one.get(path)
      const answer = await one.post('/sign-in/link', { link: new URL(path, origin).searchParams.get('link') ?? '' })
      if (answer.status !== 200) throw new Error(`not signed in: ${answer.status} ${answer.body}`)
      return one
    },
    browser,
    async close() {
      await service.close(1_000)
      await systemPorts.files.removeFolder(folder)
    },
  }
}

export interface Seen {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

export interface Browser {
  get(path: string, headers?: Record<string, string>): Promise<Seen>
  /** With the token of the last page that had a form, unless another is given. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Seen>
  cookies: Map<string, string>
}

export function openBrowser(origin: string, options: Partial<https.RequestOptions>): Browser {
  const cookies = new Map<string, string>()
  let token = ''

  async function ask(method: string, path: string, body: string, headers: Record<string, string>): Promise<Seen> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const seen = await call(new URL(origin), body, {
      ...options,
      path,
      method,
      agent: false,
      headers: { 'accept-language': 'en', ...(cookie !== '' && { cookie }), ...headers },
    })
    for (const line of [seen.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/Max-Age=0/.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    token = /name="token" value="([^"]+)"/.exec(seen.body)?.[1] ?? token
    return seen
  }

  return {
    cookies,
    get: (path, headers = {}) => ask('GET', path, '', headers),
    post: (path, fields, headers = {}) =>
      ask('POST', path, new URLSearchParams({ token, ...fields }).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
        origin,
        'sec-fetch-site': 'same-origin',
        ...headers,
      }),
  }
}

function call(url: URL, body: string, options: https.RequestOptions): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const request = https.request(url, options, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', piece => {
        text += piece
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}
