// One document made now: a plug-in's content, spooled within its bounds of time and size.

import type { OnDemandTypeConfig } from '../../config/repository-config.js'
import { isOid, mimeType as mimeTypeForm } from '../../metadata/data-types.js'
import type { DocumentEntry } from '../../metadata/model.js'
import { quoted } from '../../metadata/words.js'
import { dtmOf, within } from '../../ports/clock.js'
import { unlessAborted } from '../../ports/promises.js'
import type { Spooled } from '../../soap/message.js'
import type { Spool } from '../../soap/spool.js'
import { askForAll } from './all-entries.js'
import { derivedOid } from './derived-id.js'
import type { Asking } from './on-demand-entry.js'
import { patientSummary } from './patient-summary.js'
import { type OnDemandContent, type PlugIn, PlugInFailed, piecesOfContent, type StoredQueryCall } from './plug-in.js'
import { inThread } from './run-in-thread.js'

export interface MadeDocument {
  uniqueId: string
  mimeType: string
  content: Spooled
}

/** By name; a type without a module has one of these. */
const builtIn: Readonly<Record<string, PlugIn>> = { summary: patientSummary }

/** @throws PlugInFailed, RegistrySilent */
export async function makeDocument(
  type: OnDemandTypeConfig,
  entry: DocumentEntry,
  asking: Asking,
): Promise<MadeDocument> {
  const { ports, config } = asking.context
  const leftMs = Math.max(1, asking.deadlineMs - ports.clock.monotonicMs())
  const late = new PlugInFailed(`it was not done after ${config.onDemand.timeoutMs} ms`)
  const { signal, end } = within(ports.clock, leftMs, asking.signal, { late })
  try {
    return await made(type, entry, { ...asking, signal })
  } finally {
    // Ends its thread, should that still be there.
    end(new PlugInFailed('it is over'))
  }
}

async function made(type: OnDemandTypeConfig, entry: DocumentEntry, asking: Asking): Promise<MadeDocument> {
  const { context, signal } = asking
  const { config, ports } = context
  const plugIn = type.module === undefined ? builtIn[type.name] : inThread(type.module, ports.threads, signal)
  if (plugIn === undefined) throw new PlugInFailed('there is no built-in one of this name')
  const now = dtmOf(ports.clock.now())
  const asked = { entry, now, query: (call: StoredQueryCall) => askForAll(call, asking) }
  const document = await unlessAborted(signal, Promise.resolve(plugIn(asked)))
  const mimeType = checked(document.mimeType ?? entry.mimeType, 'media type', isMimeType)
  if (document.uniqueId !== undefined) checked(document.uniqueId, 'uniqueId (an OID)', isOid)
  const content = await spooled(document.content, context.spool, { maxBytes: config.onDemand.maxBytes, signal })
  const uniqueId = document.uniqueId ?? derivedOid(entry.uniqueId ?? '', mimeType, content.sha256)
  return { uniqueId, mimeType, content }
}

const isMimeType = (value: string) => mimeTypeForm.check(value) === undefined

function checked(value: string, what: string, isSound: (value: string) => boolean): string {
  if (isSound(value)) return value
  throw new PlugInFailed(`${quoted(value)} is no ${what}`)
}

async function spooled(
  content: OnDemandContent['content'],
  spool: Spool,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<Spooled> {
  const writer = spool.receive()
  const pieces = piecesOfContent(content)
  try {
    let sizeBytes = 0
    for (;;) {
      const { done, value } = await unlessAborted(signal, pieces.next())
      if (done === true) return await writer.end()
      sizeBytes += value.byteLength
      if (sizeBytes > maxBytes) throw new PlugInFailed(`its content is longer than ${maxBytes} bytes`)
      await writer.write(value)
    }
  } catch (problem) {
    // What hangs is not waited for.
    void pieces.return(undefined).catch(() => {})
    await writer.abort()
    throw problem
  }
}
