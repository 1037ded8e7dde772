// An image on its way through a gateway: not a byte of it passes before it has said that it is the one that was asked for.
// IHE RAD TF-3 §4.75.4.2.3.
import { sopInstanceUIDIn } from '../../dicom/instance.js'
import type { RetrievedDocument } from '../../transactions/xds-messages.js'

/** The UID stands before all that may be long. */
const headBytes = 65_536

/** Of one that is still to come; `refuse` is told what is wrong, and throws. */
export function heldToInstance(
  document: RetrievedDocument,
  refuse: (why: string) => Promise<never>,
): RetrievedDocument {
  return Object.assign({}, document, {
    async *open() {
      let held: Uint8Array[] | undefined = []
      let length = 0
      for await (const piece of document.open()) {
        if (held === undefined) {
          yield piece
          continue
        }
        held.push(piece)
        length += piece.byteLength
        if (length < headBytes) continue
        await assertIsThat(held)
        yield* held
        held = undefined
      }
      if (held === undefined) return
      await assertIsThat(held)
      yield* held
    },
  })

  async function assertIsThat(held: readonly Uint8Array[]): Promise<void> {
    const why = otherThan(document, held)
    if (why !== undefined) await refuse(why)
  }
}

/** Of one that is there whole. */
export async function otherInstance(document: RetrievedDocument): Promise<string | undefined> {
  const head: Uint8Array[] = []
  let length = 0
  for await (const piece of document.open()) {
    head.push(piece)
    length += piece.byteLength
    if (length >= headBytes) break
  }
  return otherThan(document, head)
}

function otherThan({ documentUniqueId }: RetrievedDocument, head: readonly Uint8Array[]): string | undefined {
  const found = sopInstanceUIDIn(Buffer.concat(head))
  if (found === documentUniqueId) return undefined
  return found === undefined ? 'it is no DICOM instance' : `it is the instance ${found.slice(0, 64)}`
}
