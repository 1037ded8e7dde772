// Who keeps the services of the world: asks what only administrators may, as the commands do.
import { readParcels } from '../server/administration/parcels.js'
import type { KeyFile } from './keys.js'
import type { Surroundings } from './world.js'

export interface Keeper {
  /** Undefined where there was no answer, or none that came to its end. */
  ask<Answer>(
    service: 'registry' | 'repository',
    path: string,
    json?: object,
  ): Promise<{ status: number; answer: Answer } | undefined>
  /** Where documents are encrypted. */
  keys: KeyFile | undefined
  /** Where documents may be moved; none where there is but one place. */
  places: readonly string[]
}

/** The peer of carnet.json. */
export const keeperName = 'keeper'
const timeoutMs = 60_000

export function openKeeper(
  { urls, caller }: Pick<Surroundings, 'urls' | 'caller'>,
  { keys, places }: Pick<Keeper, 'keys' | 'places'>,
): Keeper {
  const { network } = caller(keeperName)
  const client = network.httpClient()
  return {
    keys,
    places,
    async ask<Answer>(service: 'registry' | 'repository', path: string, json?: object) {
      const url = `${urls[service]}/admin/${path}`
      const headers = { 'content-type': 'application/json' }
      const body = json === undefined ? [] : [Buffer.from(JSON.stringify(json))]
      const method = json === undefined ? 'GET' : 'POST'
      try {
        const { status, headers: told, body: bytes } = await client.call({ url, method, headers, body, timeoutMs })
        const isParcels = told['content-type'] === 'application/octet-stream'
        const text = await whole(isParcels ? unpacked(bytes) : bytes)
        return { status, answer: JSON.parse(text) as Answer }
      } catch {
        return undefined
      }
    },
  }
}

async function* unpacked(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const parcel of readParcels(bytes)) if (parcel.kind === 'piece') yield parcel.bytes
}

async function whole(bytes: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of bytes) pieces.push(piece)
  return String(Buffer.concat(pieces))
}
