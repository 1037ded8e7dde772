import { expect } from 'chai'
import { type Clock, systemClock } from '../../ports/clock.js'
import { StoreAway, StoreBroken, StoreFull } from '../../store/failures.js'
import { groupCommit } from '../../store/group-commit.js'
import { connect, type SqliteConnection } from '../../store/sqlite-driver.js'

/** Works of one turn are one group however long they take on this machine. */
const clock: Clock = { ...systemClock, monotonicMs: () => 0 }

/** A connection on which one kind of statement fails as SQLite would let it fail. */
async function failingOn(statement: string, errcode: number): Promise<SqliteConnection & { healed: boolean }> {
  const real = await connect(':memory:')
  real.exec('CREATE TABLE things (name TEXT)')
  const connection = {
    healed: false,
    prepare: (sql: string) => real.prepare(sql),
    close: () => real.close(),
    exec(sql: string) {
      if (sql === statement && !connection.healed) {
        throw Object.assign(new Error(`failed with ${errcode}`), { code: 'ERR_SQLITE_ERROR', errcode })
      }
      real.exec(sql)
    },
  }
  return connection
}

describe('group commit', () => {
  const inputOutputFsync = 1034
  const full = 13
  const busy = 5

  async function outcomes(connection: SqliteConnection) {
    const commits = groupCommit(connection, clock, () => undefined)
    const insert = (name: string) => () => connection.prepare('INSERT INTO things VALUES (?)').run(name)
    const settled = await Promise.allSettled([commits.add(insert('a'), 'disk'), commits.add(insert('b'), 'soon')])
    return { commits, reasons: settled.map(outcome => (outcome as PromiseRejectedResult).reason) }
  }

  const count = (connection: SqliteConnection) =>
    (connection.prepare('SELECT count(*) AS n FROM things').get() as { n: number }).n

  it('lets works of the next turn join, in one commit', async () => {
    const real = await connect(':memory:')
    const said: string[] = []
    const connection = { ...real, prepare: real.prepare.bind(real), exec: (sql: string) => void said.push(sql) }
    const commits = groupCommit(connection, clock, () => undefined)
    const first = commits.add(() => 1, 'disk')
    await new Promise(resolve => setImmediate(resolve))
    expect(await Promise.all([first, commits.add(() => 2, 'disk')])).to.deep.equal([1, 2])
    expect(said.filter(sql => sql === 'COMMIT')).to.have.length(1)
    expect(await commits.add(() => 3, 'disk')).to.equal(3)
    expect(said.filter(sql => sql === 'COMMIT')).to.have.length(2)
    real.close()
  })

  it('commits what has taken long, and lets others have a turn before those who wait', async () => {
    const real = await connect(':memory:')
    const said: string[] = []
    const connection = { ...real, prepare: real.prepare.bind(real), exec: (sql: string) => void said.push(sql) }
    let nowMs = 0
    const commits = groupCommit(connection, { ...systemClock, monotonicMs: () => nowMs }, () => undefined)
    const taking = (ms: number, name: string) => () => {
      nowMs += ms
      said.push(name)
    }
    const works = ['a', 'b', 'c'].map((name, at) => commits.add(taking(at === 0 ? 60_000 : 1, name), 'disk'))
    await works[0]
    const before = said.filter(each => /^([abc]|COMMIT)$/.test(each))
    await Promise.all(works)
    expect(before).to.deep.equal(['a', 'COMMIT'])
    expect(said.filter(each => /^([abc]|COMMIT)$/.test(each))).to.deep.equal(['a', 'COMMIT', 'b', 'c', 'COMMIT'])
    real.close()
  })

  it('commits all that waits at once when it is to end', async () => {
    const real = await connect(':memory:')
    let nowMs = 0
    const commits = groupCommit(real, { ...systemClock, monotonicMs: () => nowMs }, () => undefined)
    const works = [1, 2, 3].map(each =>
      commits.add(() => {
        nowMs += 60_000
        return each
      }, 'disk'),
    )
    commits.flush()
    commits.breakOff('closed')
    expect(await Promise.all(works)).to.deep.equal([1, 2, 3])
    real.close()
  })

  it('rejects the whole group when the commit fails for lack of space, and works again afterwards', async () => {
    const connection = await failingOn('COMMIT', full)
    const { commits, reasons } = await outcomes(connection)
    for (const reason of reasons) expect(reason).to.be.instanceOf(StoreFull)
    expect(count(connection)).to.equal(0)
    expect(commits.broken).to.equal(undefined)
    connection.healed = true
    await commits.add(() => connection.prepare('INSERT INTO things VALUES (?)').run('c'), 'disk')
    expect(count(connection)).to.equal(1)
    connection.close()
  })

  it('takes an input or output error of a commit as final, even when the disk seems well again', async () => {
    const connection = await failingOn('COMMIT', inputOutputFsync)
    const { commits, reasons } = await outcomes(connection)
    for (const reason of reasons) expect(reason).to.be.instanceOf(StoreBroken)
    expect(commits.broken).to.contain('failed with 1034')
    connection.healed = true
    const later = await commits.add(() => 1, 'disk').catch(problem => problem)
    expect(later).to.be.instanceOf(StoreBroken)
    connection.close()
  })

  it('rejects the whole group when somebody else holds the database, and works again afterwards', async () => {
    const connection = await failingOn('BEGIN IMMEDIATE', busy)
    const { commits, reasons } = await outcomes(connection)
    for (const reason of reasons) {
      expect(reason).to.be.instanceOf(StoreAway)
      expect(reason.cause.message).to.equal('failed with 5')
    }
    expect(commits.broken).to.equal(undefined)
    connection.healed = true
    await commits.add(() => 1, 'disk')
    connection.close()
  })

  it('tells that somebody else holds the database for as long as it is so, and waits for it but once', async () => {
    const connection = await failingOn('BEGIN IMMEDIATE', busy)
    const waits = () => Object.values(connection.prepare('PRAGMA busy_timeout').get() as object)[0]
    connection.exec('PRAGMA busy_timeout = 2000')
    const commits = groupCommit(connection, clock, () => undefined)
    expect(commits.held).to.equal(undefined)
    await commits.add(() => 1, 'soon').catch(() => undefined)
    expect([commits.held, waits()]).to.deep.equal([
      'another process holds the database, and nothing can be written until it lets go',
      0,
    ])
    connection.healed = true
    expect([commits.held, waits()]).to.deep.equal([undefined, 2_000])
    connection.close()
  })

  it('rejects the whole group when SQLite has rolled everything back in the middle of it', async () => {
    const connection = await failingOn('ROLLBACK TO work; RELEASE work', 1)
    const commits = groupCommit(connection, clock, () => undefined)
    const settled = await Promise.allSettled([
      commits.add(() => connection.prepare('INSERT INTO things VALUES (?)').run('a'), 'disk'),
      commits.add(() => {
        throw new Error('what went wrong first')
      }, 'disk'),
    ])
    for (const outcome of settled) {
      expect((outcome as PromiseRejectedResult).reason.message).to.equal('what went wrong first')
    }
    expect(count(connection)).to.equal(0)
    connection.close()
  })
})
