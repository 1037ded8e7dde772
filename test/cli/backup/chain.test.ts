// Backups made by hand, of databases that are a few pages, so that chains of them are long and quick.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { brokenLinks, databaseIn, shrinkEarlier } from '../../../cli/backup/chain.js'
import {
  factsOfPieces,
  generationsIn,
  type Manifest,
  type Place,
  readManifest,
  writeManifest,
} from '../../../cli/backup/folder.js'
import { prune } from '../../../cli/backup/pruning.js'
import { openVault } from '../../../cli/backup/vault.js'
import { systemPorts } from '../../../ports/ports.js'
import { playedTerminal } from '../played-terminal.js'

const pages = 40
const pageBytes = 4_096

for (const form of ['in clear', 'encrypted'] as const) {
  describe(`a chain of backups, ${form}`, () => {
    let place: Place
    /** What each generation was made of. */
    let databases: Map<string, Buffer>

    beforeEach(async () => {
      const folder = await systemPorts.files.temporaryFolder('carnet-chain-')
      const keys = join(folder, 'keys.json')
      writeFileSync(keys, JSON.stringify({ current: '1', keys: { 1: randomBytes(32).toString('base64') } }))
      const context = { ports: systemPorts, terminal: playedTerminal(folder) }
      place = { folder, vault: await openVault(folder, form === 'encrypted' ? keys : undefined, context), context }
      databases = new Map()
    })
    afterEach(() => rmSync(place.folder, { recursive: true, force: true }))

    /** One more, of which a page is another than before; the earlier ones are shrunk as `carnet backup` does. */
    async function backedUp(): Promise<string> {
      const [last] = [...databases.values()].slice(-1)
      const database = last === undefined ? randomBytes(pages * pageBytes) : Buffer.from(last)
      database[(databases.size % pages) * pageBytes]! ^= 1
      const name = `20261125T1200${String(databases.size).padStart(2, '0')}Z`
      const { files } = systemPorts
      await files.makeFolder(join(place.folder, name))
      const file = await place.vault.create(join(place.folder, name, 'registry.sqlite'))
      await file.write(database)
      await file.finish()
      await file.close()
      const sha256 = createHash('sha256').update(database).digest('hex')
      await writeManifest(place, name, aManifest({ file: 'registry.sqlite', sizeBytes: database.length, sha256 }))
      databases.set(name, database)
      await shrinkEarlier(place)
      return name
    }

    async function expectWhole(generation: string): Promise<void> {
      const manifest = await readManifest(place, generation)
      expect(await brokenLinks(place, generation, manifest, 'registry')).to.deep.equal([])
      const facts = await factsOfPieces(databaseIn(place, generation, manifest, 'registry'))
      const expected = createHash('sha256').update(databases.get(generation)!).digest('hex')
      expect(facts.sha256, generation).to.equal(expected)
    }

    const pathOf = (generation: string, file: string) => join(place.folder, generation, file)

    it('has the newest whole, and of each earlier one what the next has otherwise', async () => {
      const names = [await backedUp(), await backedUp(), await backedUp()]
      expect(names.map(name => existsSync(pathOf(name, 'registry.sqlite')))).to.deep.equal([false, false, true])
      for (const name of names.slice(0, -1)) {
        expect(statSync(pathOf(name, 'registry.delta')).size).to.be.below(3 * pageBytes)
      }
      for (const name of names) await expectWhole(name)
    })

    it('leaves one whole after seven that lean on one another', async () => {
      for (let count = 0; count < 10; count += 1) await backedUp()
      const whole = [...databases.keys()].map((name, index) => existsSync(pathOf(name, 'registry.sqlite')) && index)
      expect(whole.filter(index => index !== false)).to.deep.equal([7, 9])
      for (const name of databases.keys()) await expectWhole(name)
    })

    it('goes on when the oldest are pruned', async () => {
      for (let count = 0; count < 4; count += 1) await backedUp()
      await prune(place, 2)
      const left = await generationsIn(place)
      expect(left).to.deep.equal([...databases.keys()].slice(-2))
      for (const name of left) await expectWhole(name)
    })

    it('says which link is damaged or missing, to whoever leans on it', async () => {
      const names = [await backedUp(), await backedUp(), await backedUp()] as const
      const oldest = await readManifest(place, names[0])
      const link = pathOf(names[1], 'registry.delta')
      const sound = readFileSync(link)
      const spoilt = Buffer.from(sound)
      spoilt[sound.length >> 1]! ^= 1
      writeFileSync(link, spoilt)
      const [told] = await brokenLinks(place, names[0], oldest, 'registry')
      expect(told).to.contain(names[1]).and.to.contain('registry.delta').and.to.contain('damaged')
      writeFileSync(link, sound)
      rmSync(join(place.folder, names[1]), { recursive: true })
      const [missing] = await brokenLinks(place, names[0], oldest, 'registry')
      expect(missing).to.contain(`leans on ${names[1]}`).and.to.contain('which is not there')
    })

    it('leaves alone what is damaged already, and says so', async () => {
      const name = await backedUp()
      const path = pathOf(name, 'registry.sqlite')
      const spoilt = readFileSync(path)
      spoilt[spoilt.length >> 1]! ^= 1
      writeFileSync(path, spoilt)
      await backedUp()
      expect(readFileSync(path).equals(spoilt)).to.equal(true)
      expect(existsSync(pathOf(name, 'registry.delta'))).to.equal(false)
    })

    it('finishes what an interruption has left between the difference and the whole', async () => {
      const name = await backedUp()
      const whole = readFileSync(pathOf(name, 'registry.sqlite'))
      await backedUp()
      writeFileSync(pathOf(name, 'registry.sqlite'), whole)
      await backedUp()
      expect(existsSync(pathOf(name, 'registry.sqlite'))).to.equal(false)
      await expectWhole(name)
    })
  })
}

function aManifest(registry: { file: string; sizeBytes: number; sha256: string }): Manifest {
  return {
    format: 1,
    began: '',
    ended: '',
    databases: [{ service: 'registry', ...registry }],
    elsewhere: [],
    documents: { count: 0, bytes: 0, list: { file: '', sizeBytes: 0, sha256: '' } },
    config: [],
    left: [],
    removedMeanwhile: [],
    damaged: [],
  }
}
