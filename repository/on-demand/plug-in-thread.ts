// The inside of a thread in which one plug-in makes one document: it asks for what it needs and hands out piece by piece.
import type { DocumentEntry } from '../../metadata/model.js'
import { insideThread } from '../../ports/threads.js'
import type { QueryResult } from '../../transactions/xds-messages.js'
import { type PlugIn, PlugInFailed, piecesOfContent, type StoredQueryCall } from './plug-in.js'
import type { FromThread, ThreadData, ToThread } from './thread-messages.js'

const { module, entry, now } = insideThread.data as ThreadData
const answers = new Map<number, (answer: { result: QueryResult } | { refused: string }) => void>()
let goOn = () => {}
let asked = 0

insideThread.onMessage(received => {
  const message = received as ToThread
  if (message.kind === 'more') return goOn()
  const answered = answers.get(message.number)
  answers.delete(message.number)
  answered?.(message)
})

await work(entry).catch(problem => {
  say({ kind: 'failed', why: problem instanceof Error ? problem.message : String(problem) })
})
insideThread.close()

async function work(entry: DocumentEntry): Promise<void> {
  const plugIn = (await insideThread.load(module)).default
  if (typeof plugIn !== 'function') throw new PlugInFailed('its default export is no function')
  const made = await (plugIn as PlugIn)({ entry, now, query: ask })
  if (typeof made !== 'object' || made === null) throw new PlugInFailed('it made nothing')
  const { mimeType, uniqueId, content } = made
  say({ kind: 'document', mimeType: textOrNothing(mimeType), uniqueId: textOrNothing(uniqueId) })
  for await (const bytes of piecesOfContent(content)) {
    const taken = new Promise<void>(resolve => {
      goOn = resolve
    })
    say({ kind: 'piece', bytes })
    await taken
  }
  say({ kind: 'end' })
}

function ask({ id, parameters }: StoredQueryCall): Promise<QueryResult> {
  const number = ++asked
  return new Promise((resolve, reject) => {
    answers.set(number, answer => {
      if ('result' in answer) resolve(answer.result)
      else reject(new PlugInFailed(answer.refused))
    })
    say({ kind: 'query', number, query: { id: String(id), parameters } })
  })
}

function say(message: FromThread): void {
  insideThread.send(message)
}

function textOrNothing(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value)
}
