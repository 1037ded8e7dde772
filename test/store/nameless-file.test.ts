import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect } from 'chai'
import { systemPorts } from '../../ports/ports.js'
import { integrityOfWritten } from '../../store/integrity.js'
import { namelessFile } from '../../store/nameless-file.js'
import { openStore } from '../../store/open-store.js'
import { takeSnapshot } from '../../store/snapshot.js'

const { files } = systemPorts

describe('a file without a name', () => {
  it('has what is written to it, and nobody finds it', async () => {
    const seen: string[] = []
    const file = await namelessFile(files, async path => {
      expect(existsSync(path)).to.equal(true)
      seen.push(path)
    })
    await file.write(Buffer.from('secret'))
    expect(String(await file.read(0, 10))).to.equal('secret')
    expect(seen.filter(path => existsSync(dirname(path)))).to.deep.equal([])
    await file.close()
  })

  it('is one that SQLite looks into, and finds what is wrong with it', async () => {
    const folder = await files.temporaryFolder('carnet-integrity-')
    const migrations = [{ name: '0001', sqlite: ['CREATE TABLE thing (id INTEGER PRIMARY KEY, content BLOB)'] }]
    const store = await openStore({ path: `${folder}/a.sqlite`, migrations }, systemPorts.clock, files)
    await store.write(() => {
      for (let count = 0; count < 300; count += 1)
        store.prepare('INSERT INTO thing (content) VALUES (randomblob(1000))').run()
    })
    await takeSnapshot({ database: `${folder}/a.sqlite`, into: `${folder}/copy` }, systemPorts.threads)
    await store.close()
    const bytes = await files.readFile(`${folder}/copy`)
    await files.removeFolder(folder)
    const integrity = (content: Buffer, isWhole = true) =>
      integrityOfWritten(async file => {
        await file.write(content)
        return isWhole
      }, files)
    expect(await integrity(bytes)).to.deep.equal([])
    const spoilt = Buffer.from(bytes)
    spoilt.fill(0xff, 4_096 * 3, 4_096 * 5)
    expect(await integrity(spoilt)).to.not.deep.equal([])
    expect(await integrity(Buffer.alloc(5_000, 'x'))).to.not.deep.equal([])
    expect(await integrity(bytes, false)).to.equal(undefined)
  })
})
