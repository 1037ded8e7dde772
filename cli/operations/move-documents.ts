// `carnet documents move --to …`: the repository moves its documents, some at a time, and serves on. Ended at any moment it goes on where
// it was when it is run again: what is there already is not moved twice.
import { bucketIn } from '../../config/documents-place.js'
import type { ElsewhereAnswer } from '../../repository/administration/moving-resources.js'
import type { MoveAnswer } from '../../repository/moving.js'
import { NotHandedOut, openParcelSource, type ParcelSource } from '../admin-parcels.js'
import { type Administration, openAdministration } from '../administration.js'
import type { Context } from '../context.js'
import { type Deployment, type DeploymentOptions, openDeployment } from '../deployment.js'
import { Failure } from '../failure.js'
import { mebibytes } from '../quantities.js'
import { placesOf } from './document-places.js'

export interface MoveOptions extends DeploymentOptions {
  /** `folder`, or `s3://bucket/prefix`. */
  to: string
  /** MiB in a second. */
  rate: string
}

interface Run {
  deployment: Deployment
  administration: Administration
  source: ParcelSource
  context: Context
  to: string
  bytesPerSecond: number
  /** What there is to move, as it was at the beginning. */
  total: { documents: number; bytes: number }
  moved: { documents: number; bytes: number }
  left: MoveAnswer['left']
}

export async function moveDocuments(options: MoveOptions, context: Context): Promise<void> {
  const rate = Number(options.rate)
  if (!(rate > 0)) throw new Failure('usage', '--rate is a number of MiB a second, above 0.')
  const deployment = await openDeployment(options, context)
  const administration = await openAdministration(deployment, options, context)
  const source = await openParcelSource(deployment, options, context)
  try {
    const total = await totalOf(options.to, deployment, source)
    const run: Run = {
      ...{ deployment, administration, source, context, to: options.to, bytesPerSecond: rate * 1024 * 1024, total },
      ...{ moved: { documents: 0, bytes: 0 }, left: [] },
    }
    await moveAll(run)
    tell(run)
  } finally {
    source.close()
    administration.close()
  }
}

async function totalOf(to: string, deployment: Deployment, source: ParcelSource): Promise<Run['total']> {
  const { places } = await placesOf(deployment, source)
  // The names of places in the table, beside what may be asked for.
  const isThere = (place: string) =>
    to === 'folder' ? !place.startsWith('s3://') : place.replace(/, encrypted$/, '') === withSlash(to)
  const elsewhere = places.filter(({ place }) => !isThere(place))
  const sum = (of: 'documents' | 'bytes') => elsewhere.reduce((all, each) => all + each[of], 0)
  return { documents: sum('documents'), bytes: sum('bytes') }
}

/** A bucket without a prefix is written with a slash behind it. */
function withSlash(to: string): string {
  return bucketIn(to)?.prefix === '' && !to.endsWith('/') ? `${to}/` : to
}

/** One request takes about so long. */
const mostSeconds = 5
const mostDocuments = 200

async function moveAll(run: Run): Promise<void> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const query = new URLSearchParams({ than: run.to, after })
    const page: ElsewhereAnswer = await run.administration.resource('repository', `documents/elsewhere?${query}`)
    for (const some of parts(page.documents, run.bytesPerSecond * mostSeconds)) await moveSome(some, run)
    after = page.next
  }
  run.context.terminal.progress('')
}

async function moveSome(some: ElsewhereAnswer['documents'], run: Run): Promise<void> {
  const { deployment, source, to, bytesPerSecond, moved, total, left, context } = run
  const json = { ids: some.map(({ id }) => id), to, bytesPerSecond }
  const answer = await patiently(
    () => source.slow<MoveAnswer>(`${deployment.urls.repository}/admin/documents/move`, json),
    context,
  )
  moved.documents += answer.done
  moved.bytes += answer.bytes
  left.push(...answer.left)
  context.terminal.progress(
    `moved ${moved.documents} of ${total.documents} documents, ${mebibytes(moved.bytes)} of ${mebibytes(total.bytes)}`,
  )
  const [first] = answer.left
  if (answer.done > 0 || first === undefined || answer.left.every(isRegistering)) return
  context.terminal.progress('')
  throw new Failure(
    'refused',
    `Nothing can be moved now (${first.why}). ${moved.documents} documents were moved; run it again to go on.`,
  )
}

const isRegistering = ({ why }: MoveAnswer['left'][number]) => why.includes('being registered')

const mostTries = 15
const pauseMs = 2_000

/** A repository that is being started again, or that still clears away, is waited for. */
async function patiently<Answer>(ask: () => Promise<Answer>, { ports: { clock } }: Context): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (problem) {
      const isFinal = problem instanceof NotHandedOut && problem.status !== 503
      if (isFinal || tries === mostTries) throw problem
      await clock.sleep(pauseMs)
    }
  }
}

function* parts(documents: ElsewhereAnswer['documents'], mostBytes: number): Generator<ElsewhereAnswer['documents']> {
  let part: ElsewhereAnswer['documents'] = []
  let bytes = 0
  for (const document of documents) {
    part.push(document)
    bytes += document.sizeBytes
    if (bytes < mostBytes && part.length < mostDocuments) continue
    yield part
    part = []
    bytes = 0
  }
  if (part.length > 0) yield part
}

const mostTold = 20

function tell({ moved, left, to, deployment: { config }, context: { terminal } }: Run): void {
  terminal.print(`moved ${moved.documents} documents to ${to}, ${mebibytes(moved.bytes)}`)
  for (const { uniqueId, why } of left.slice(0, mostTold)) terminal.complain(`${uniqueId}: ${why}`)
  if (left.length > mostTold) terminal.complain(`and ${left.length - mostTold} more`)
  const { documents } = config.repository
  const goesThere = to === 'folder' ? bucketIn(documents) === undefined : withSlash(to) === withSlash(documents)
  if (!goesThere) {
    terminal.complain(
      `New documents still go to ${documents}: change repository.documents in carnet.json, start the repository again, and run this once more.`,
    )
  }
  if (left.length > 0) throw new Failure('refused', `${left.length} documents were left; run it again to go on.`)
}
