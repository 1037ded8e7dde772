// What is found of a community when it is looked at: each step says how it went.

export interface Finding {
  verdict: 'ok' | 'warning' | 'failed'
  found: string
}

export interface Examined extends Finding {
  what: string
  /** Of what failed, as the system names it. */
  code?: string
}

/** A step that throws has failed, and says why. */
export async function tried(what: string, step: () => Promise<Finding>): Promise<Examined> {
  try {
    return { what, ...(await step()) }
  } catch (problem) {
    const { code, message } = problem as NodeJS.ErrnoException
    return { verdict: 'failed', what, found: message, ...(code === undefined ? {} : { code }) }
  }
}
