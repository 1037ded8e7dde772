// Where a database on a PostgreSQL server is: postgres://user:password@host:port/name.

export interface PostgresUrl {
  host: string
  port: number
  user: string
  password: string | undefined
  database: string
  /** Whether what is sent to it leaves this machine. */
  isRemote: boolean
}

/** Whether the setting `database` names a PostgreSQL server; otherwise it is the path of an SQLite file. */
export function isOnServer(database: string): boolean {
  return /^postgres(?:ql)?:\/\//.test(database)
}

/** @throws Error, in words, when it is no such URL. */
export function readPostgresUrl(written: string): PostgresUrl {
  const url = isOnServer(written) && URL.canParse(written) ? new URL(written) : undefined
  const isWhole = url !== undefined && url.username !== '' && url.pathname.length > 1
  if (!isWhole || `${url.search}${url.hash}` !== '') {
    throw new Error('it must be postgres://user@host:port/name, without parameters')
  }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return {
    host,
    port: url.port === '' ? 5432 : Number(url.port),
    user: decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    isRemote: !/^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host),
  }
}

/** For whoever reads what is printed. */
export function withoutPasswords(text: string): string {
  return text.replace(/(postgres(?:ql)?:\/\/[^"\s@:/]*):[^"\s@/]*@/g, '$1:***@')
}
