// How alike two words are, between 0 and 1: Jaro's measure, with Winkler's weight for a common beginning.

/** 1 only for the same word. */
export function similarity(one: string, other: string): number {
  if (one === other) return 1
  const jaro = jaroOf(one, other)
  let common = 0
  while (common < 4 && one[common] !== undefined && one[common] === other[common]) common += 1
  return jaro + common * 0.1 * (1 - jaro)
}

function jaroOf(one: string, other: string): number {
  if (one.length === 0 || other.length === 0) return 0
  const reach = Math.max(0, Math.floor(Math.max(one.length, other.length) / 2) - 1)
  const taken = new Array<boolean>(other.length).fill(false)
  let fromOne = ''
  for (let index = 0; index < one.length; index += 1) {
    const end = Math.min(other.length, index + reach + 1)
    for (let at = Math.max(0, index - reach); at < end; at += 1) {
      if (taken[at] || one[index] !== other[at]) continue
      taken[at] = true
      fromOne += one[index]
      break
    }
  }
  const found = fromOne.length
  if (found === 0) return 0
  let fromOther = ''
  for (let at = 0; at < other.length; at += 1) if (taken[at]) fromOther += other[at]
  let misplaced = 0
  for (let index = 0; index < found; index += 1) if (fromOne[index] !== fromOther[index]) misplaced += 1
  return (found / one.length + found / other.length + (found - misplaced / 2) / found) / 3
}

/** Whether one comes from the other by one letter too many, too few or wrong, or by two that changed places. */
export function isOneSlip(one: string, other: string): boolean {
  if (one === other) return false
  const [short, long] = one.length <= other.length ? [one, other] : [other, one]
  if (long.length - short.length > 1) return false
  let at = 0
  while (at < short.length && short[at] === long[at]) at += 1
  if (long.length > short.length) return short.slice(at) === long.slice(at + 1)
  if (short.slice(at + 1) === long.slice(at + 1)) return true
  return short[at] === long[at + 1] && short[at + 1] === long[at] && short.slice(at + 2) === long.slice(at + 2)
}
