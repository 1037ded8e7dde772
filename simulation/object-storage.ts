// An object storage in the world: what it has said it keeps it keeps; what it was about to say may get lost on the way, or it says that
// it cannot now; and it ends in the middle of something and is back a little later, with the uploads that were begun.
import type { RepositoryConfig } from '../config/repository-config.js'
import { aPlayedStorage, type Fault } from '../test/s3/fake-storage.js'
import { type Boot, pauseOf, startBoot } from './boot.js'
import type { Chance } from './chance.js'
import type { Internet } from './network.js'
import type { Timeline } from './timeline.js'

export interface ObjectStorage {
  /** So many of a hundred requests come to a bad end. */
  badness: number
  crash(): void
  end(): void
  /** Where documents may be moved. */
  places: readonly string[]
  contents(): { path: string; bytes: Buffer }[]
  /** Of a repository whose documents are here. */
  settings(before: Pick<RepositoryConfig, 'documents'>, folder: string): Partial<RepositoryConfig>
}

export const credentialsFile = 'object-storage.json'
const port = 9_000
const place = 's3://bucket/documents'

const faults: readonly Fault[] = [
  { status: 503, code: 'SlowDown' },
  { status: 500, code: 'InternalError' },
  { breaks: 'before' },
  { breaks: 'after' },
  { breaks: 'after' },
  { silent: true },
  { truncatedAt: 100 },
]

export function openObjectStorage(timeline: Timeline, internet: Internet, chance: Chance): ObjectStorage {
  const played = aPlayedStorage()
  let boot: Boot | undefined
  let isOver = false

  async function start(): Promise<void> {
    if (isOver) return
    const life = startBoot({ host: 'storage', timeline, clock: { offsetMs: 0 }, onCrash: crashed })
    boot = life
    timeline.note('storage is up')
    await internet
      .of(life, 'storage')
      .serveHttps({ host: '', port, tls: { key: '', cert: '', ca: '' }, idleTimeoutMs: 60_000 }, (request, reply) => {
        const fault = chance.percent(storage.badness) ? chance.pick(faults) : undefined
        timeline.note(`storage ${request.method} ${request.url.slice(0, 60)}${fault === undefined ? '' : ' badly'}`)
        if (fault !== undefined) played.next(() => true, fault)
        played.answer(request, reply).catch(() => reply.abort())
      })
  }

  function crashed(): void {
    if (!isOver) timeline.at(pauseOf(chance, 100, 8_000), '', () => void start())
  }

  const storage: ObjectStorage = {
    badness: 0,
    places: ['folder', place],
    contents: () => [...played.objects].map(([path, bytes]) => ({ path, bytes })),
    crash: () => boot?.crash('kill'),
    end() {
      isOver = true
      boot?.crash('kill')
    },
    settings: ({ documents }, folder) => ({
      documents: place,
      documentsFolder: documents,
      objectStorage: {
        ...{ endpoint: `https://storage.test:${port}`, region: 'us-east-1', pathStyle: true, encryption: 'none' },
        ...{ credentials: `${folder}/${credentialsFile}`, timeoutMs: 10_000, patienceMs: 15_000 },
      },
    }),
  }
  void start()
  return storage
}
