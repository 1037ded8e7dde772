import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { systemClock } from '../../ports/clock.js'
import { systemFiles } from '../../ports/files.js'
import { watchFileHandles } from '../../server/file-handles.js'

describe('a process that can open nothing more', () => {
  function played() {
    let nowMs = 0
    let look = () => {}
    let code: string | undefined
    let missed = 0
    const said: [string, object][] = []
    const clock = {
      ...systemClock,
      monotonicMs: () => nowMs,
      every(_: number, work: () => void) {
        look = work
        return { cancel: () => undefined }
      },
    }
    const open = async () => {
      if (code !== undefined) throw Object.assign(new Error(code), { code })
      return { close: async () => undefined } as Awaited<ReturnType<typeof systemFiles.open>>
    }
    const handles = watchFileHandles({
      file: 'any.pem',
      ports: { clock, files: { ...systemFiles, open } },
      log: {
        error: (facts, words) => void said.push([words, facts]),
        info: (facts, words) => void said.push([words, facts]),
      },
      missed() {
        missed += 1
      },
    })
    return {
      ...{ handles, said },
      missed: () => missed,
      async pass(seconds: number, failing?: string) {
        code = failing
        for (let second = 0; second < seconds; second += 1) {
          nowMs += 1_000
          look()
          await turn()
        }
      },
    }
  }

  it('says so at once and every minute, counts each second, and says when it is over', async () => {
    const { handles, said, missed, pass } = played()
    await pass(3)
    expect([handles.checks(), missed(), said]).to.deep.equal([[], 0, []])
    await pass(130, 'EMFILE')
    expect(missed()).to.equal(130)
    expect(handles.checks().map(({ name, ok }) => [name, ok])).to.deep.equal([['file handles', false]])
    expect(handles.checks()[0]?.reason).to.contain('LimitNOFILE')
    await pass(2)
    expect(handles.checks()).to.deep.equal([])
    expect(said.map(([words, facts]) => [words, (facts as { seconds: number }).seconds])).to.deep.equal([
      ['connections are lost: no more can be opened', 0],
      ['connections are lost: no more can be opened', 60],
      ['connections are lost: no more can be opened', 120],
      ['files and connections can be opened again', 130],
    ])
  })

  it('is told once a minute also where that comes and goes', async () => {
    const { said, missed, pass } = played()
    for (let times = 0; times < 30; times += 1) {
      await pass(1, 'EMFILE')
      await pass(1)
    }
    expect([missed(), said.length]).to.deep.equal([30, 2])
    await pass(1, 'EMFILE')
    expect(said).to.have.length(3)
  })

  it('takes nothing else for that', async () => {
    const { handles, said, missed, pass } = played()
    for (const code of ['ENOENT', 'EACCES', 'EIO']) await pass(1, code)
    expect([handles.checks(), missed(), said]).to.deep.equal([[], 0, []])
    await pass(1, 'ENFILE')
    expect(handles.checks()[0]?.reason).to.contain('this host')
  })
})
