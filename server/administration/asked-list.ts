// A list of texts in the request of an administrator: `{"ids": ["…"]}`, in bounds.
import { AdminProblem, type AdminRequest } from './resources.js'

const mostAsked = 1_000

/** The list that stands under `name` in the JSON of the request. @throws AdminProblem 400 where it is no list of texts, or has more than 1,000 */
export function listIn({ body }: Pick<AdminRequest, 'body'>, name: string): string[] {
  const list = (body as Record<string, unknown> | null | undefined)?.[name]
  const isList = Array.isArray(list) && list.every(each => typeof each === 'string')
  if (isList && list.length <= mostAsked) return list as string[]
  throw new AdminProblem(400, `send {"${name}": ["…"]} with at most ${mostAsked} of them`)
}

/** Of a page. */
export function limitIn(query: URLSearchParams, most = mostAsked): number {
  const limit = Number(query.get('limit') ?? Math.min(100, most))
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit
  throw new AdminProblem(400, `limit is a whole number from 1 to ${most}`)
}
