import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { fill, patientAt, patientsIn, patientWithMany, sampleSubmissions, sqliteTables } from '../../bench/fill.js'
import { systemPorts } from '../../ports/ports.js'
import { parseXml } from '../../soap/xml.js'
import { registerDocumentSet } from '../../transactions/xds.js'
import { approved, ihe, quote, registryOver } from '../registry/a-registry.js'
import { openEmbedded } from '../registry/engines.js'

const filling = { entries: 90, ofOnePatient: 60 }

describe('a filled registry', () => {
  it('has entries of patients who are found, each with ids of its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'carnet-fill-'))
    const path = join(folder, 'registry.sqlite')
    try {
      const before = await openEmbedded(ihe, systemPorts, path)
      const registry = registryOver(before, { config: { acceptUnknownPatients: true } })
      for (const { body } of sampleSubmissions('2.999.1')) {
        const envelope = parseXml(body.toString())
        const request = envelope.children.filter(child => typeof child !== 'string').at(-1)?.children[0]
        const submission = registerDocumentSet.request.decode(request as never, {} as never)
        expect((await registry.register(submission as never)).status).to.equal('Success')
      }
      await before.close()

      const tables = await sqliteTables(path)
      await fill(tables, filling, () => {})
      await tables.close()

      const filled = await openEmbedded(ihe, systemPorts, path)
      const after = registryOver(filled)
      const found = async (patientId: string) =>
        (
          await after.found('FindDocuments', {
            $XDSDocumentEntryPatientId: quote(patientId),
            $XDSDocumentEntryStatus: approved,
          })
        ).documentEntries
      const ids: (string | undefined)[] = []
      for (let number = 1; number <= patientsIn(filling); number++) {
        const entries = await found(patientAt(number))
        expect(new Set(entries.map(({ patientId }) => patientId))).to.deep.equal(new Set([patientAt(number)]))
        ids.push(...entries.map(({ entryUUID }) => entryUUID), ...entries.map(({ uniqueId }) => uniqueId))
      }
      const many = await found(patientWithMany)
      ids.push(...many.map(({ entryUUID }) => entryUUID), ...many.map(({ uniqueId }) => uniqueId))
      expect(many).to.have.length(60)
      expect([ids.length, new Set(ids).size]).to.deep.equal([300, 300])
      // What comes next goes on behind it.
      await after.addPatient('NEXT^^^&2.999.1&ISO')
      expect(await found('NEXT^^^&2.999.1&ISO')).to.deep.equal([])
      await filled.close()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }).timeout(60_000)
})
