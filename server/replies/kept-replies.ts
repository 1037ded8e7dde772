// Answers on their way to a wsa:ReplyTo, on the disk: who ends this service loses none of them. Each is a file of its own, sealed
// piece by piece under a key beside the folder, whole before its request is answered 202, and gone when nobody waits for it
// any more. docs/decisions/0150.
import { join } from 'node:path'
import type { AuditRecord } from '../../atna-audit/message.js'
import type { OpenFile } from '../../ports/files.js'
import type { Ports } from '../../ports/ports.js'
import { chunkBytes } from '../../soap/message.js'
import { sealingKey } from '../sealing-key.js'
import { type PiecePlace, sealedPieces } from './sealed-pieces.js'

export interface KeptReplies {
  /** Durable when it returns. */
  keep(head: ReplyHead, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<KeptReply>
  /** What the service left that ran before; once, at the start. */
  left(): Promise<KeptReply[]>
}

/** What has to be known of an answer to send it. */
export interface ReplyHead {
  partner: string
  url: string
  traceId: string
  traceparent: string
  contentType: string
  contentLength?: number
  keptMs: number
  /** For the audit, should nobody take it. */
  records: AuditRecord[]
}

export interface KeptReply {
  head: ReplyHead
  sizeBytes: number
  /** As they were kept, as often as they are wanted. @throws when the file is not as it was written */
  pieces(): AsyncIterable<Uint8Array>
  forget(): Promise<void>
}

const suffix = '.reply'
const unfinished = '.part'

/** What `folder` holds from before is delivered first. Each piece is sealed with AES-256-GCM and bound to its place; a file that was changed is not sent. */
export async function openKeptReplies(
  { folder, keyFile }: { folder: string; keyFile: string },
  ports: Pick<Ports, 'files' | 'randomness'>,
): Promise<KeptReplies> {
  const { files, randomness } = ports
  await files.makeFolder(folder, { mode: 0o700 })
  const { sealed, opened } = sealedPieces(await sealingKey(keyFile, ports), randomness)

  async function readHead(name: string): Promise<{ head: ReplyHead; next: number }> {
    const file = await files.open(join(folder, name + suffix))
    try {
      const parts: Buffer[] = []
      let position = 0
      for (let index = 0; ; index += 1) {
        const { piece, next } = await opened(file, position, { name, part: 'head', index })
        position = next
        if (piece.length === 0) break
        parts.push(piece)
      }
      return { head: JSON.parse(Buffer.concat(parts).toString(), withBuffers) as ReplyHead, next: position }
    } finally {
      await file.close()
    }
  }

  function keptReply(name: string, head: ReplyHead, bodyAt: number, sizeBytes: number): KeptReply {
    const path = join(folder, name + suffix)
    return {
      head,
      sizeBytes,
      async *pieces() {
        const file = await files.open(path)
        try {
          let position = bodyAt
          for (let index = 0; ; index += 1) {
            const { piece, next } = await opened(file, position, { name, part: 'body', index })
            if (piece.length === 0) return
            position = next
            yield piece
          }
        } finally {
          await file.close()
        }
      },
      async forget() {
        await files.remove(path)
        await files.syncFolder(folder)
      },
    }
  }

  return {
    async keep(head, pieces) {
      const name = `${String(head.keptMs).padStart(15, '0')}-${randomness.uuid()}`
      const path = join(folder, name)
      let sizeBytes = 0
      let bodyAt = 0
      const text = JSON.stringify(head)
      const file = await files.create(path + unfinished, { mode: 0o600 })
      try {
        const write = async (part: PiecePlace['part'], from: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) => {
          let index = 0
          for await (const piece of from) {
            for (let at = 0; at < piece.length; at += chunkBytes, index += 1) {
              const slice = piece.subarray(at, at + chunkBytes)
              sizeBytes += await written(file, sealed({ name, part, index }, slice))
            }
          }
          sizeBytes += await written(file, sealed({ name, part, index }, Buffer.alloc(0)))
        }
        await write('head', [Buffer.from(text)])
        bodyAt = sizeBytes
        await write('body', pieces)
        await file.sync()
        await file.close()
        await files.rename(path + unfinished, path + suffix)
      } catch (problem) {
        await file.close().catch(() => {})
        // Where only the folder could not be synced it has its name already, and nobody was told 202: the next start must not send it.
        for (const ending of [unfinished, suffix]) await files.remove(path + ending).catch(() => {})
        throw problem
      }
      // As it was written: what came with the request holds all of it in memory.
      return keptReply(name, JSON.parse(text, withBuffers) as ReplyHead, bodyAt, sizeBytes)
    },

    async left() {
      const found: KeptReply[] = []
      for (const file of (await files.list(folder)).sort()) {
        const name = file.slice(0, -suffix.length)
        const there = file.endsWith(suffix) ? await readHead(name).catch(whatItIs) : 'of no use'
        // What the disk does not hand out now the next start may read: it is somebody's answer.
        if (there === 'unread') continue
        if (there === 'of no use') {
          // Its request was not answered yet, or nobody can read it any more.
          await files.remove(join(folder, file))
          continue
        }
        const { sizeBytes = 0 } = (await files.stat(join(folder, file))) ?? {}
        found.push(keptReply(name, there.head, there.next, sizeBytes))
      }
      return found
    },
  }
}

/** Of one that could not be read: whether the system has failed, or what it gave is nothing of ours. */
function whatItIs(problem: unknown): 'unread' | 'of no use' {
  return typeof (problem as { errno?: unknown }).errno === 'number' ? 'unread' : 'of no use'
}

async function written(file: OpenFile, bytes: Buffer): Promise<number> {
  await file.write(bytes)
  return bytes.length
}

/** Buffers come back as what they were. */
function withBuffers(_name: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown }
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data as number[]) : value
}
