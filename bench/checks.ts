// Checks one after another: a line for each, a count at the end, and no check that ends the run.

export interface Checks {
  /** Runs one check; what it throws is why it failed. */
  check(name: string, run: () => Promise<void>): Promise<void>
  /** Prints the count; the exit code says whether all passed. */
  conclude(): void
}

export function startChecks(): Checks {
  let passed = 0
  let failed = 0
  return {
    async check(name, run) {
      try {
        await run()
        passed += 1
        console.log(`PASS ${name}`)
      } catch (problem) {
        failed += 1
        console.log(`FAIL ${name}: ${problem instanceof Error ? problem.message : String(problem)}`)
      }
    },
    conclude() {
      console.log(`${passed} passed, ${failed} failed`)
      if (failed > 0) process.exitCode = 1
    },
  }
}

/** @throws Error which shows both, unless they are the same. */
export function same(found: unknown, expected: unknown, what: string): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)]
  if (one !== other) throw new Error(`${what}: ${one} instead of ${other}`)
}

export function holds(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise)
}
