// GET /explain/TRACE and /explain?last=N: what is remembered, for administrators; each reading is audited by the door itself.
import { AdminProblem, type AdminResource } from '../administration/resources.js'
import type { Explanations } from './memory.js'
import type { Story } from './story.js'

const mostLast = 100

/** A list is without the requests; one trace has all of its exchanges here whole. @throws AdminProblem 400 for what is no trace id, 404 where nothing is remembered */
export function explainResource({ ofTrace, latest }: Pick<Explanations, 'ofTrace' | 'latest'>): AdminResource {
  return {
    path: '/explain',
    method: 'GET',
    does: 'read remembered exchanges',
    async answer({ rest, query }): Promise<{ exchanges: Story[] }> {
      if (rest === '') return { exchanges: (await latest(lastIn(query.get('last') ?? '10'))).map(withoutRequest) }
      if (!/^[0-9a-f]{32}$/.test(rest)) throw new AdminProblem(400, 'a trace id has 32 hex digits in lower case')
      const exchanges = await ofTrace(rest)
      if (exchanges.length > 0) return { exchanges }
      throw new AdminProblem(
        404,
        `nothing is remembered of trace ${rest}; "explain" in carnet.json says what is, and for how long`,
      )
    },
  }
}

function lastIn(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= mostLast) return count
  throw new AdminProblem(400, `last must be a whole number from 1 to ${mostLast}`)
}

/** A list is for choosing from. */
function withoutRequest({ request, ...story }: Story): Story {
  return story
}
