// Each parameter of each stored query by itself, as query-tables.ts has them. ITI TF-2 §3.18.4.1.2.3.7.
import type { Case } from '../case.js'
import { finds, refused } from '../judge.js'
import { NotTried } from '../not-tried.js'
import { type QueryName, queryClauses } from '../stored-queries.js'
import type { Received } from '../target.js'
import { type QueryFixture, queryFixture } from './query-fixture.js'
import { type QueryRows, queryTables, type Row } from './query-tables.js'

export const queryParameterCases: readonly Case[] = queryTables.flatMap(({ rows, ...query }) =>
  rows.flatMap(row => [matches(query, row), leavesOut(query, row)]),
)

type Query = Omit<QueryRows, 'rows'>

function matches({ query, required, wanted, option, needs }: Query, row: Row): Case {
  return {
    ...{ id: `query/${query}/${row.parameter}/matching`, clause: queryClauses[query], option, needs },
    title: `${query} finds what matches ${row.parameter}`,
    async try(bench) {
      const fixture = await queryFixture(bench)
      const parameters = { ...required(fixture), ...row.with, [row.parameter]: valueIn(row.matching, fixture) }
      return finds(known(await bench.query(query, parameters), query, option), wanted(fixture))
    },
  }
}

function leavesOut({ query, required, wanted, lost = wanted, option, needs }: Query, row: Row): Case {
  return {
    ...{ id: `query/${query}/${row.parameter}/other`, clause: queryClauses[query], option, needs },
    title: `${query} leaves out what does not match ${row.parameter}`,
    async try(bench) {
      const fixture = await queryFixture(bench)
      const parameters = { ...required(fixture), ...row.with, [row.parameter]: valueIn(row.other, fixture) }
      const answer = known(await bench.query(query, parameters), query, option)
      // A patient nobody knows may be answered with nothing or with an error. [ITI TF-2:3.18.4.1.3]
      if (/atientId$/.test(row.parameter) && answer.status === 'Failure') return refused(answer, 'XDSUnknownPatientId')
      return finds(answer, [], lost(fixture))
    },
  }
}

/** Only what every registry has to answer may not be left out. */
export function known(answer: Received, query: QueryName, option: string | undefined): Received {
  const isUnknown = answer.errors.some(({ code }) => code === 'XDSUnknownStoredQuery')
  if (isUnknown && option !== undefined) throw new NotTried(`${query} is not answered (XDSUnknownStoredQuery)`)
  return answer
}

function valueIn(value: Row['matching'], fixture: QueryFixture): string {
  return typeof value === 'string' ? value : value(fixture)
}
