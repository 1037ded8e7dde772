// What lists say, a page at a time: objects, versions of one object, uploads that are not finished.

import type { XmlElement } from '../soap/xml.js'
import { childrenNamed, rootIn, S3Problem, shortBody, textOf } from './problem.js'
import { instantIn, type Requests } from './requests.js'

export interface StoredObject {
  /** Without the prefix. */
  key: string
  sizeBytes: number
  /** When it was put, as the storage's clock says; undefined where that is not told. */
  modifiedMs: number | undefined
}

export interface UnfinishedUpload {
  key: string
  uploadId: string
}

const mostListed = 1_000
/** A thousand keys of a kilobyte with all that is said of each. */
const mostListBytes = 4 * 1024 * 1024

/**
 * A page at a time, in the order of their keys, which come without the prefix; `after` leaves out those up to and including that one, empty for
 * none.
 */
export async function* objectsIn(requests: Requests, prefix: string, after: string): AsyncGenerator<StoredObject[]> {
  const begin: Record<string, string> = after === '' ? {} : { 'start-after': prefix + after }
  for await (const page of pagesOf(requests, { prefix, ...begin })) {
    yield childrenNamed(page, 'Contents').map(each => ({
      key: decoded(textOf(each, 'Key')).slice(prefix.length),
      sizeBytes: Number(textOf(each, 'Size')),
      modifiedMs: instantIn(textOf(each, 'LastModified')),
    }))
  }
}

/** What stands behind a prefix as far as the next slash, which is there where more is below. */
export async function* namesIn(requests: Requests, prefix: string): AsyncGenerator<string[]> {
  for await (const page of pagesOf(requests, { prefix, delimiter: '/' })) {
    const objects = childrenNamed(page, 'Contents').map(each => textOf(each, 'Key'))
    const folders = childrenNamed(page, 'CommonPrefixes').map(each => textOf(each, 'Prefix'))
    yield [...objects, ...folders].map(key => decoded(key).slice(prefix.length)).filter(name => name !== '')
  }
}

async function* pagesOf(requests: Requests, of: Readonly<Record<string, string>>): AsyncGenerator<XmlElement> {
  const asked = { 'list-type': '2', 'encoding-type': 'url', 'max-keys': String(mostListed), ...of }
  for (let token = ''; ; ) {
    const query = token === '' ? asked : { ...asked, 'continuation-token': token }
    const page = await list(requests, query, 'ListBucketResult')
    yield page
    const next = textOf(page, 'NextContinuationToken')
    if (textOf(page, 'IsTruncated') !== 'true' || next === '' || next === token) return
    token = next
  }
}

/** Numbers of the versions and markers of this very key; the first page has all, for a key is written once. */
export async function versionsOf(requests: Requests, key: string): Promise<string[]> {
  const query = { versions: '', prefix: key, 'encoding-type': 'url', 'max-keys': String(mostListed) }
  const page = await list(requests, query, 'ListVersionsResult')
  return ['Version', 'DeleteMarker']
    .flatMap(name => childrenNamed(page, name))
    .filter(each => decoded(textOf(each, 'Key')) === key)
    .map(each => textOf(each, 'VersionId'))
}

/** Those that were begun and neither finished nor taken back; they cost until somebody takes them back. */
export async function* uploadsIn(requests: Requests, prefix: string): AsyncGenerator<UnfinishedUpload[]> {
  const asked = { uploads: '', prefix, 'encoding-type': 'url', 'max-uploads': String(mostListed) }
  for (let [key, id] = ['', '']; ; ) {
    const query = key === '' ? asked : { ...asked, 'key-marker': key, 'upload-id-marker': id }
    const page = await list(requests, query, 'ListMultipartUploadsResult')
    yield childrenNamed(page, 'Upload')
      .map(each => ({ key: decoded(textOf(each, 'Key')), uploadId: textOf(each, 'UploadId') }))
      .filter(upload => upload.key.startsWith(prefix))
    const next = [decoded(textOf(page, 'NextKeyMarker')), textOf(page, 'NextUploadIdMarker')] as const
    if (textOf(page, 'IsTruncated') !== 'true' || next[0] === '' || (next[0] === key && next[1] === id)) return
    ;[key, id] = next
  }
}

async function list(requests: Requests, query: Record<string, string>, expected: string): Promise<XmlElement> {
  return requests.send({ method: 'GET', key: '', query, does: 'list its objects' }, async answer => {
    const page = rootIn(await shortBody(answer, mostListBytes, 'list its objects'))
    if (page?.name === expected) return page
    throw new S3Problem('away', 'the object storage did not list its objects: its answer is not such a list', {
      isPassing: true,
    })
  })
}

/** Keys come percent-encoded, for XML cannot say them all. Those that are not have no percent sign of ours in them. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch {
    return key
  }
}
