// A caller that leaves its own side of each exchange in the audit: commands are Document Source, Consumer and Patient Identity
// Source, and these write records like everybody. [ITI TF-2:3.20]
import { basename, dirname, join } from 'node:path'
import { acknowledgedSyslog, writeSyslog } from '../atna-audit/syslog.js'
import { framed, frameReader } from '../atna-audit/syslog-frames.js'
import { writeMessage } from '../atna-audit/write-message.js'
import { readIfThere } from '../ports/files.js'
import type { TlsIdentity } from '../ports/network.js'
import type { Ports } from '../ports/ports.js'
import { auditOfCall, type Caller } from '../server/caller.js'
import { traceOf } from '../server/trace.js'
import type { Transaction } from '../transactions/transaction.js'
import type { Context } from './context.js'
import type { Deployment } from './deployment.js'

export interface AuditedCaller {
  call: Caller['call']
  /** Sends what is to be remembered; what cannot be sent now goes with the next command. */
  close(): Promise<void>
}

export interface AuditOfCommand {
  deployment: Pick<Deployment, 'config' | 'folder'>
  tls: TlsIdentity
  context: Pick<Context, 'ports' | 'terminal'>
}

/** Frames that wait, as RFC 5425 writes them one behind the other. */
const waitingFile = 'commands-audit.queue'
const mostWaitingBytes = 16 * 1024 * 1024
/** Of a command that sends much. */
const mostHeld = 500
const connectMs = 1_000
const acknowledgeMs = 3_000

/**
 * Records go to the audit service when the caller is closed; where it is away they are kept for the next command, and lost, as the user is told,
 * where that cannot be.
 */
export function auditedCaller(caller: Caller, { deployment, tls, context }: AuditOfCommand): AuditedCaller {
  const { ports, terminal } = context
  const { config, folder } = deployment
  const source = { auditSourceID: 'carnet-cli', auditEnterpriseSiteID: config.auditEnterpriseSiteID }
  const origin = { hostName: ports.processes.hostName, appName: 'carnet-cli', processId: ports.processes.pid }
  let frames: Buffer[] = []
  let written = 0

  function note<Request, Response>(
    contract: Transaction<Request, Response>,
    story: Parameters<typeof auditOfCall<Request, Response>>[1],
  ): void {
    for (const record of auditOfCall(contract, story, ports)) {
      written += 1
      frames.push(writeSyslog(origin, record.dateTimeMs, written, writeMessage(record, source)))
    }
  }

  return {
    async call(contract, request, options) {
      const traceparent = options.traceparent ?? traceOf(undefined, ports.randomness).traceparent
      const story = { request, traceparent, endpoint: options.url }
      try {
        const called = await caller.call(contract, request, { ...options, traceparent })
        note(contract, { ...story, response: called.response, failure: undefined })
        if (frames.length >= mostHeld) await flush()
        return called
      } catch (problem) {
        note(contract, { ...story, response: undefined, failure: (problem as Error).message })
        throw problem
      }
    },
    async close() {
      caller.close()
      await flush()
    },
  }

  async function flush(): Promise<void> {
    const file = join(folder, waitingFile)
    const former = await taken(file, ports)
    const all = [...former.frames, ...frames]
    frames = []
    if (all.length === 0) return
    try {
      await delivered(all, config.registry.audit, tls, ports)
    } catch (problem) {
      const why = `the audit service has not taken ${all.length} audit records (${(problem as Error).message})`
      const isKept = await keptFor(file, all, ports).catch(() => false)
      terminal.complain(isKept ? `note: ${why}; they go with the next command` : `warning: ${why}; they are lost`)
    }
    await former.forget()
  }
}

/** Sent, and known to be on its disk where it says so. */
async function delivered(
  frames: readonly Buffer[],
  { host, port }: { host: string; port: number },
  tls: TlsIdentity,
  { network, clock }: Pick<Ports, 'network' | 'clock'>,
): Promise<void> {
  const protocols = [acknowledgedSyslog]
  const { stream, protocol } = await network.connectTls({ host, port, tls, protocols, timeoutMs: connectMs })
  try {
    await new Promise<void>((resolve, reject) => {
      const late = clock.after(acknowledgeMs, () => reject(new Error(`no word of it in ${acknowledgeMs} ms`)))
      const end = (problem?: Error) => {
        late.cancel()
        if (problem === undefined) resolve()
        else reject(problem)
      }
      let said = ''
      stream.on('data', (bytes: Buffer) => {
        said = (said + bytes.toString('latin1')).slice(-32)
        if (said.split('\n').includes(String(frames.length))) end()
      })
      stream.on('error', end)
      stream.on('close', () => end(new Error('it has ended the connection')))
      stream.write(Buffer.concat(frames.flatMap(framed)))
      // Who does not speak our protocol never says anything.
      if (protocol !== acknowledgedSyslog) stream.end(() => end())
    })
  } finally {
    stream.destroy()
  }
}

interface Former {
  frames: Buffer[]
  /** They are sent, or kept anew. */
  forget(): Promise<void>
}

/** What former commands could not send; nobody else sends it now. */
async function taken(file: string, ports: Pick<Ports, 'clock' | 'files' | 'randomness'>): Promise<Former> {
  const all = await Promise.all((await waitingAt(file, ports)).map(path => takenFrom(path, file, ports)))
  return {
    frames: all.flatMap(({ frames }) => frames),
    async forget() {
      for (const { forget } of all) await forget()
    },
  }
}

/** What others have put there, and what one has taken and neither sent nor put back in this time: it was ended. Sent twice it is known as one. */
const takenForMs = 60_000

async function waitingAt(file: string, { clock, files }: Pick<Ports, 'clock' | 'files'>): Promise<string[]> {
  const names: string[] = await files.list(dirname(file)).catch(() => [])
  const left: string[] = []
  for (const name of names.filter(each => each.startsWith(`${basename(file)}.`))) {
    const path = join(dirname(file), name)
    const found = await files.stat(path)
    if (found !== undefined && clock.now() - found.modifiedMs > takenForMs) left.push(path)
  }
  return names.includes(basename(file)) ? [file, ...left] : left
}

async function takenFrom(path: string, file: string, { files, randomness }: Pick<Ports, 'files' | 'randomness'>) {
  const ours = `${file}.${randomness.uuid()}`
  try {
    await files.rename(path, ours)
  } catch {
    return { frames: [], forget: async () => undefined }
  }
  const reader = frameReader({ maxMessageBytes: mostWaitingBytes })
  const bytes = Buffer.from((await readIfThere(files, ours)) ?? '')
  const frames = [...reader.read(bytes), ...reader.end()].map(frame => frame.bytes)
  return { frames, forget: () => files.remove(ours) }
}

async function keptFor(file: string, frames: readonly Buffer[], { files }: Pick<Ports, 'files'>): Promise<boolean> {
  const bytes = Buffer.concat(frames.flatMap(framed))
  const { sizeBytes } = (await files.stat(file)) ?? { sizeBytes: 0 }
  if (sizeBytes + bytes.length > mostWaitingBytes) return false
  const open = await files.append(file)
  try {
    await open.write(bytes)
    await open.sync()
  } finally {
    await open.close()
  }
  return true
}
