// Quantities as people read them.

export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

const barCharacters = 20

/** How far something has come. */
export function bar(done: number, total: number): string {
  const filled = total === 0 ? barCharacters : Math.floor((done / total) * barCharacters)
  return `[${'#'.repeat(filled)}${'.'.repeat(barCharacters - filled)}]`
}
