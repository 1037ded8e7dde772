import { randomBytes } from 'node:crypto'
import { systemPorts } from '../../ports/ports.js'
import { incomingFolder, openContentFiles } from '../../repository/content-files.js'
import { openSpool } from '../../soap/spool.js'
import { keepsContents } from './a-content-store.js'

const { files, randomness } = systemPorts
const folders: string[] = []

describe('documents in files', () => {
  keepsContents(
    async () => {
      const folder = await files.temporaryFolder('carnet-content-files-')
      folders.push(folder)
      const restart = () => openContentFiles(files, folder)
      const contents = await restart()
      return { contents, restart, spool: openSpool({ files, randomness, folder: incomingFolder(folder) }) }
    },
    () => randomBytes(100_000),
  )

  after(async () => {
    for (const folder of folders.splice(0)) await files.removeFolder(folder)
  })
})
