import { join } from 'node:path'
import { expect } from 'chai'
import { systemFiles as files } from '../../ports/files.js'

describe('ports/files', () => {
  let folder: string
  before(async () => {
    folder = await files.temporaryFolder('carnet-files-')
  })
  after(() => files.removeFolder(folder))

  for (const [how, open] of Object.entries({ later: files.change, 'at once': files.changeThrough })) {
    it(`writes over the bytes of a file, and past its end, and leaves the others: on the disk ${how}`, async () => {
      const path = join(folder, `changed ${how}`)
      await files.replace(path, 'abcdefgh')
      const file = await open(path)
      await file.writeAt(2, Buffer.from('CD'))
      await file.writeAt(7, Buffer.from('HIJ'))
      await file.sync()
      expect((await file.read(1, 4)).toString()).to.equal('bCDe')
      await file.close()
      expect((await files.readFile(path)).toString()).to.equal('abCDefgHIJ')
    })
  }

  it('changes no file that is not there', async () => {
    const problem = await files.change(join(folder, 'absent')).catch((failure: unknown) => failure)
    expect(problem).to.include({ code: 'ENOENT' })
    expect(await files.list(folder)).to.not.include('absent')
  })

  it('makes folders in folders, again without harm, by many at once', async () => {
    const path = join(folder, 'a', 'b', 'c')
    await Promise.all(Array.from({ length: 10 }, () => files.makeFolder(path)))
    await files.makeFolder(path)
    expect(await files.list(join(folder, 'a', 'b'))).to.deep.equal(['c'])
  })

  it('says that a folder cannot be made, wherever that is', async () => {
    await files.replace(join(folder, 'file'), '')
    for (const path of [join(folder, 'file'), join(folder, 'file', 'below'), '/proc/carnet', '/proc/carnet/below']) {
      const problem = await files.makeFolder(path).catch((failure: unknown) => failure)
      expect(problem, path).to.be.instanceOf(Error)
    }
  })
})
