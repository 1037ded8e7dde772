// Loaded by mocha before the tests. What a test has opened and left open, by its failure or by mistake, would keep the process from its end
// and hide what has failed: some time after the last test it is named, and the run ends as a failed one.
const leftMs = Number(process.env.CARNET_TESTS_END_MS ?? 30_000)

export const mochaHooks = {
  afterAll(): void {
    setTimeout(endAnyhow, leftMs).unref()
  },
}

function endAnyhow(): void {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const left = [...counts].map(([kind, count]) => `${count} ${kind}`)
  console.error(`\n  still open ${leftMs} ms after the last test: ${left.join(', ')}`)
  // Behind mocha's own listener, which counts what has failed.
  process.once('exit', () => {
    process.exitCode ||= 1
  })
  process.exit()
}
