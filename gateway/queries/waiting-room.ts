// Where answers wait until all have come: in memory while few of them do, on the disk when there are many.
import type { Spool } from '../../soap/spool.js'

/** Of `roomy`, so many at a time; whoever comes then waits in `tight`. */
export function openWaitingRoom(roomy: Spool, tight: Spool, mostAtATime: number): Spool {
  let inside = 0

  function enter(): () => void {
    inside += 1
    let isInside = true
    return () => {
      if (isInside) inside -= 1
      isInside = false
    }
  }

  return {
    receive() {
      if (inside >= mostAtATime) return tight.receive()
      const writer = roomy.receive()
      const leave = enter()
      return {
        write: bytes => writer.write(bytes),
        async end() {
          const content = await writer.end().catch(problem => {
            leave()
            throw problem
          })
          const { discard } = content
          return Object.assign(content, {
            discard() {
              leave()
              return discard()
            },
          })
        },
        abort() {
          leave()
          return writer.abort()
        },
      }
    },
  }
}
