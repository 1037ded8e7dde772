// How long the file system has been asked for something: a disk that stands still fails nothing, and whoever asks it waits for ever.
import type { Clock } from '../ports/clock.js'
import type { ChangeableFile, Files, OpenFile } from '../ports/files.js'

export interface WaitingCalls {
  /** As those given; what may take its time, as the removal of a whole folder, is not counted. */
  files: Files
  /** Of the call that has waited longest; 0 where none waits. */
  longestMs(): number
}

/** Counts the calls of whoever uses `files` of the answer in the place of those given. */
export function countWaiting(files: Files, clock: Pick<Clock, 'monotonicMs'>): WaitingCalls {
  /** In the order in which they began. */
  const underWay = new Set<{ sinceMs: number }>()

  /** No promise more than that of the call: this is on the way of every document. */
  function counted<Given extends unknown[], Result>(call: (...given: Given) => Promise<Result>) {
    return (...given: Given): Promise<Result> => {
      const one = { sinceMs: clock.monotonicMs() }
      const over = () => void underWay.delete(one)
      underWay.add(one)
      const answer = call(...given)
      answer.then(over, over)
      return answer
    }
  }

  const opened = (file: OpenFile): OpenFile => ({
    ...file,
    read: counted(file.read),
    write: counted(file.write),
    sync: counted(file.sync),
  })
  const changeable = (file: ChangeableFile): ChangeableFile => ({ ...opened(file), writeAt: counted(file.writeAt) })

  return {
    files: {
      ...files,
      create: counted(async (path, options) => opened(await files.create(path, options))),
      open: counted(async path => opened(await files.open(path))),
      change: counted(async path => changeable(await files.change(path))),
      changeThrough: counted(async path => changeable(await files.changeThrough(path))),
      append: counted(async path => opened(await files.append(path))),
      rename: counted(files.rename),
      renameAndSync: counted(files.renameAndSync),
      remove: counted(files.remove),
      syncFolder: counted(files.syncFolder),
      syncFile: counted(files.syncFile),
    },
    longestMs() {
      const [first] = underWay
      return first === undefined ? 0 : clock.monotonicMs() - first.sinceMs
    },
  }
}
