// The objects of an answer on their way through the gateway: what has to be known of each stays in memory, its text there while that is little, and on the
// disk where it is much. docs/decisions/0330.
import { copied } from '../../soap/copied.js'
import type { LongList } from '../../soap/list-reader.js'
import { namespaces } from '../../soap/namespaces.js'
import type { Spool } from '../../soap/spool.js'
import { serialiseXml } from '../../soap/xml.js'
import { type ForeignObject, foreignObject, ofCommunity } from '../../transactions/communities/foreign-objects-codec.js'

export interface KeptObjects {
  list: LongList
  /** All that were taken; their text is there until it is discarded. */
  end(): Promise<{ objects: ForeignObject[]; discard(): Promise<void> }>
  abort(): Promise<void>
}

/** Characters. */
const writtenAtOnce = 65_536
/** Some megabytes of what has to be known of each. */
const mostObjects = 50_000
/** Characters of what has to be known of one: no ids are so long. */
const mostKnown = 2_000

/** From the envelope to the objects of an AdhocQueryResponse. [ITI TF-2:3.18.4.1.3] */
const path = ['Envelope', 'Body', 'AdhocQueryResponse', 'RegistryObjectList']

/** Each is kept as an object of the community. */
export function openKeptObjects(spool: Spool, homeCommunityId: string): KeptObjects {
  const writer = spool.receive()
  const found: { object: ForeignObject; from: number; to: number }[] = []
  let sizeBytes = 0
  let text = ''

  function written(): Promise<void> | void {
    const bytes = Buffer.from(text)
    text = ''
    return writer.write(bytes)
  }

  return {
    list: {
      path,
      take(element) {
        if (element.namespace !== namespaces.rim) return
        if (found.length === mostObjects) throw new Error(`there are more than ${mostObjects} objects in it`)
        const object = foreignObject(element)
        const characters = charactersKnownOf(object)
        if (characters > mostKnown) throw new Error(`there are ids of ${characters} characters in one object of it`)
        const xml = serialiseXml(ofCommunity(object, homeCommunityId).element)
        const from = sizeBytes
        sizeBytes += Buffer.byteLength(xml)
        found.push({ object: withoutText(object), from, to: sizeBytes })
        text += xml
        return text.length < writtenAtOnce ? undefined : written()
      },
    },
    async end() {
      await written()
      const content = await writer.end()
      const objects = found.map(({ object, from, to }) => Object.assign(object, { kept: { content, from, to } }))
      return { objects, discard: () => content.discard() }
    },
    abort: () => writer.abort(),
  }
}

function charactersKnownOf({ id, home = '', patientIds }: ForeignObject): number {
  return [id, home, ...patientIds].reduce((sum, { length }) => sum + length, 0)
}

function withoutText({ id, home, patientIds, document, element }: ForeignObject): ForeignObject {
  return {
    id: copied(id),
    home: home && copied(home),
    patientIds: patientIds.map(copied),
    ...(document === undefined ? {} : { document }),
    element: { namespace: namespaces.rim, name: copied(element.name), attributes: [], children: [], text: '' },
  }
}
