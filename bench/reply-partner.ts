// Lets the administrator of a running deployment take answers elsewhere: by the partners file, which services read again when it changes.
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'

/** Resolves when the registry and the repository have read it. @returns the address */
export async function letAnswersBeSent(folder: string, portBase: number): Promise<string> {
  const replyTo = `https://localhost:${portBase + 23}/answers`
  const read = (name: string) => readFileSync(join(folder, 'certs', name))
  const { fingerprint256 } = new X509Certificate(read('admin.pem'))
  const roles = ['admin', 'multi-patient', 'feed', 'source', 'consumer']
  const partner = { name: 'acceptance', fingerprints: [fingerprint256], roles, replyTo: [replyTo] }
  writeFileSync(join(folder, 'partners.json'), JSON.stringify([partner]))
  const tls = { key: read('admin.key'), cert: read('admin.pem'), ca: read('ca.pem') }
  for (const path of [`${portBase + 1}/registry`, `${portBase + 2}/repository`]) await untilKnown(path, replyTo, tls)
  return replyTo
}

type Tls = Readonly<Record<'key' | 'cert' | 'ca', Buffer>>

/** Each service tells whoever asks what it takes them for. */
async function untilKnown(path: string, replyTo: string, tls: Tls): Promise<void> {
  const endMs = Date.now() + 30_000
  while (!(await textAt(`https://localhost:${path}`, tls)).includes(replyTo)) {
    if (Date.now() > endMs) throw new Error(`${path} has not read its partners again`)
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

function textAt(url: string, tls: Tls): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...tls, agent: false, headers: { accept: 'text/plain' } }, answer => {
      let text = ''
      answer.setEncoding('utf8').on('data', piece => {
        text += piece
      })
      answer.once('end', () => resolve(text))
    })
    asked.once('error', reject).end()
  })
}
