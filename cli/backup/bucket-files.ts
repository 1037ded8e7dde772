// A folder of backups in a bucket, as files: what is being written lies on this machine until it has its name, in files that have none here
// and are gone with this process, however it ends; then it is an object. So whoever makes, examines and prunes backups works with files, wherever they are. docs/decisions/0364-backups-in-a-bucket.md
import { dirname, join, relative, sep } from 'node:path'
import type { Files, OpenFile } from '../../ports/files.js'
import type { Bucket } from '../../s3/bucket.js'
import { openArriving } from './arriving-files.js'
import { openListing } from './bucket-listing.js'
import { manifestFile, partialSuffix } from './folder.js'
import { asStorageFailure } from './storage-failure.js'

export interface BucketFolder {
  bucket: Bucket
  /** Where it stands among the paths of this machine; nothing else is below it. */
  root: string
  files: Files
}

/** What has such a part in its path has not got its name yet. */
const isArriving = (path: string) => /\.(?:partial|new)(?:\/|$)/.test(path)
const windowBytes = 1_048_576
const mostReadBytes = 64 * 1024 * 1024

/** Only of paths below `root`; others are those of this machine. Nothing is in the bucket before it has been renamed to its final name. */
export function bucketFiles({ bucket: storage, root, files }: BucketFolder): Files {
  const bucket = told(storage)
  const listing = openListing(bucket)
  const arriving = openArriving(files)
  const isThere = (path: string) => path === root || path.startsWith(root + sep)
  const keyOf = (path: string) => relative(root, path).split(sep).join('/')

  async function upload(from: string, path: string): Promise<void> {
    const { file, sizeBytes } = arriving.look(from) ?? missing(from)
    await bucket.upload(keyOf(path), {
      sizeBytes,
      read: (position, length, into) => file.read(position, length, into),
    })
    listing.put(keyOf(path), sizeBytes)
    await arriving.remove(from)
  }

  /** The manifest last: without one a backup is no whole one. */
  async function uploadAll(from: string, to: string): Promise<void> {
    const paths = arriving.below(from).sort((a, b) => Number(isManifest(a)) - Number(isManifest(b)))
    if (paths.length === 0) missing(from)
    for (const path of paths) await upload(path, join(to, relative(from, path)))
  }

  async function eraseBelow(folder: string): Promise<void> {
    await erase(`${folder}/${manifestFile}`)
    for await (const page of bucket.objects(`${folder}/`)) {
      const below = page.filter(({ key }) => key.startsWith(`${folder}/`))
      for (const { key } of below) await erase(key)
      if (below.length < page.length) return
    }
  }

  async function erase(key: string): Promise<void> {
    await bucket.erase(key)
    listing.erased(key)
  }

  async function names(path: string): Promise<string[]> {
    const found: string[] = []
    for await (const page of bucket.names(keyOf(path))) {
      for (const name of page) {
        const isFolder = name.endsWith('/')
        const bare = isFolder ? name.slice(0, -1) : name
        const isHalf = path === root && isFolder && /^\d{8}T/.test(name) && (await isLeft(bare))
        found.push(isHalf ? `${bare}${partialSuffix}` : bare)
      }
    }
    return found
  }

  /** An upload, or a removal, that was broken off. */
  const isLeft = async (generation: string) => (await listing.look(`${generation}/${manifestFile}`)) === undefined

  return {
    ...files,
    create: (path, options) => (isThere(path) ? arriving.create(path) : files.create(path, options)),
    async open(path) {
      if (!isThere(path)) return files.open(path)
      return isArriving(path) ? (arriving.look(path)?.reading ?? missing(path)) : opened(bucket, keyOf(path))
    },
    async readFile(path) {
      if (!isThere(path)) return files.readFile(path)
      if (isArriving(path)) return arriving.read(path) ?? missing(path)
      return (await bucket.get(keyOf(path), mostReadBytes)) ?? missing(path)
    },
    async rename(from, to) {
      if (!isThere(to)) return files.rename(from, to)
      if (isArriving(to)) return arriving.rename(from, to)
      return arriving.look(from) === undefined ? uploadAll(from, to) : upload(from, to)
    },
    async remove(path) {
      if (!isThere(path)) return files.remove(path)
      await arriving.remove(path)
      if (!isArriving(path)) await erase(keyOf(path))
    },
    async removeFolder(path) {
      if (!isThere(path)) return files.removeFolder(path)
      for (const each of arriving.below(path)) await arriving.remove(each)
      const name = keyOf(path)
      const half = name.endsWith(partialSuffix) ? name.slice(0, -partialSuffix.length) : undefined
      if (half === undefined || (await isLeft(half))) await eraseBelow(half ?? name)
    },
    makeFolder: async (path, options) => (isThere(path) ? undefined : files.makeFolder(path, options)),
    list: path => (isThere(path) ? names(path) : files.list(path)),
    async stat(path) {
      if (!isThere(path)) return files.stat(path)
      if (path === root) return aFolder
      if (isArriving(path)) return arriving.stat(path)
      const found = await listing.look(keyOf(path))
      if (found === undefined) return undefined
      return found === 'folder' ? aFolder : { sizeBytes: found, modifiedMs: 0, isFolder: false }
    },
    /** What was written under its own name gets it here. */
    async syncFile(path) {
      if (!isThere(path)) return files.syncFile(path)
      if (!isArriving(path)) await upload(path, path)
    },
    // The one above is no folder of this machine either.
    syncFolder: async path => (isThere(path) || path === dirname(root) ? undefined : files.syncFolder(path)),
  }
}

const aFolder = { sizeBytes: 0, modifiedMs: 0, isFolder: true }
const isManifest = (path: string) => path.endsWith(sep + manifestFile)

function missing(path: string): never {
  throw Object.assign(new Error(`there is no ${path}`), { code: 'ENOENT' })
}

async function opened(bucket: Bucket, key: string): Promise<OpenFile> {
  const reader = (await bucket.open(key, { from: 0, length: windowBytes })) ?? missing(key)
  const isReadOnly = () => Promise.reject(new Error('an object is not written to'))
  return {
    read: (position, length, into) => inFailures(() => reader.read(position, length, into)),
    close: async () => reader.close(),
    write: isReadOnly,
    sync: isReadOnly,
  }
}

/** The same bucket, whose problems are those of a command. */
function told(bucket: Bucket): Bucket {
  return {
    ...bucket,
    put: (...given) => inFailures(() => bucket.put(...given)),
    upload: (...given) => inFailures(() => bucket.upload(...given)),
    get: (...given) => inFailures(() => bucket.get(...given)),
    open: (...given) => inFailures(() => bucket.open(...given)),
    erase: key => inFailures(() => bucket.erase(key)),
    objects: after => pagesInFailures(bucket.objects(after)),
    names: below => pagesInFailures(bucket.names(below)),
  }
}

async function* pagesInFailures<Page>(pages: AsyncIterable<Page>): AsyncGenerator<Page> {
  try {
    yield* pages
  } catch (problem) {
    throw asFailure(problem)
  }
}

async function inFailures<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (problem) {
    throw asFailure(problem)
  }
}

function asFailure(problem: unknown): unknown {
  return asStorageFailure(problem, '; nothing that was whole before is changed: run the command again')
}
