// What may be behind a signal that ended a process of ours.

const meanings: Readonly<Record<string, string>> = {
  SIGABRT: 'SIGABRT is how Node gives up, mostly a heap without room: its lines above say so',
  SIGKILL: 'SIGKILL comes from somebody, or from the system for want of memory',
}

/** To follow a sentence: ` (…)`, or nothing where the signal says all. */
export function meaningOf(signal: string | null): string {
  const meaning = meanings[signal ?? '']
  return meaning === undefined ? '' : ` (${meaning})`
}
