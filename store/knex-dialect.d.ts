// knex publishes no types for its dialects.
declare module 'knex/lib/dialects/better-sqlite3/index.js' {
  import type { Knex } from 'knex'
  export default class BetterSqlite3 extends Knex.Client {
    _driver(): unknown
  }
}
