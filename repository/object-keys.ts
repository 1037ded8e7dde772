// What documents are called on an object storage. A key is made of our own id and of nothing that a sender chose, its end first: `f3/0197….f3`
// spreads what comes at one time over a storage that parts its keys by how they begin.
import type { BucketPlace } from '../config/documents-place.js'
import type { Place } from './content-store.js'

/** Begins the place of such a document; its bucket and prefix follow: `s3:bucket/prefix`. */
export const inObject = 's3'

/** In the words of a document's row. */
export const placeIn = ({ bucket, prefix }: BucketPlace): Place => `${inObject}:${bucket}/${prefix}`

/** The reverse of `placeIn`. */
export function bucketNamed(place: Place): BucketPlace {
  const [, bucket = '', prefix = ''] = /^s3:([^/]*)\/(.*)$/.exec(place) ?? []
  return { bucket, prefix }
}

/** Below the prefix. */
export const keyOf = (id: string) => `${id.slice(-2)}/${id}`
const ownKey = /^([0-9a-f]{2})\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{10}\1)$/
/** Undefined where the key is none of ours. */
export const idIn = (key: string) => ownKey.exec(key)?.[2]
