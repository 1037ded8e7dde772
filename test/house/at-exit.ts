// What a test process leaves behind when it ends, however it ends: one listener for all of it, however many servers a run has started.
const works = new Set<() => void>()
let isHeard = false

/** Runs once, unless what is given back was called before. */
export function atExit(work: () => void): () => void {
  if (!isHeard) process.once('exit', () => works.forEach(each => void each()))
  isHeard = true
  works.add(work)
  return () => works.delete(work)
}
