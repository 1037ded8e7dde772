// Images of running services: given, found by their manifest, fetched by RAD-69, each side in the audit.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { openDeployment } from '../../../cli/deployment.js'
import { imagingAdd, imagingRemove } from '../../../cli/documents/imaging.js'
import { retrieveImages } from '../../../cli/documents/retrieve-images.js'
import { askForAll, findDocuments } from '../../../cli/documents/stored-queries.js'
import { systemPorts } from '../../../ports/ports.js'
import { anImage } from '../../dicom/an-image.js'
import { aDeployment, type RunningDeployment } from '../../peers/a-deployment.js'
import { playedTerminal } from '../played-terminal.js'

describe('carnet imaging and carnet retrieve --images', function () {
  this.timeout(120_000)

  const patient = 'IMG-1^^^&2.999.1.2.3&ISO'
  let running: RunningDeployment
  let images: Record<string, Buffer>

  before(async () => {
    running = await aDeployment()
    images = {
      '2.999.70.1': anImage({ sop: '2.999.70.1' }),
      '2.999.70.2': anImage({ sop: '2.999.70.2', pixels: 2_000_000, modality: 'DX' }),
      '2.999.70.3': anImage({ sop: '2.999.70.3', series: '2.999.73' }),
    }
    mkdirSync(join(running.folder, 'given'))
    for (const [uid, bytes] of Object.entries(images)) writeFileSync(join(running.folder, 'given', uid), bytes)
  })
  after(() => running?.close())

  const context = () => ({ ports: systemPorts, terminal: playedTerminal(running.folder) })
  const options = () => ({ data: running.folder })

  it('keeps images, submits their manifest, and finds and fetches each of them again [IHE RAD TF-3: 4.68.4.1.2.3] [IHE RAD TF-2: 4.69.4.1.3]', async () => {
    const paths = Object.keys(images).map(uid => join('given', uid))
    await imagingAdd(paths, { ...options(), patient }, context())
    const deployment = await openDeployment(options(), context())
    const { entries } = await askForAll(findDocuments(patient, ['Approved']), deployment, options(), context())
    const [entry] = entries
    expect(entries).to.have.length(1)
    expect(entry).to.include({ mimeType: 'application/dicom', patientId: patient })
    expect(entry?.formatCode).to.include({
      code: '1.2.840.10008.5.1.4.1.1.88.59',
      codingScheme: '1.2.840.10008.2.6.1',
    })
    expect(entry?.eventCodeList.map(({ code }) => code)).to.deep.equal(['CR', 'DX'])
    expect(entry?.referenceIdList).to.deep.equal([
      'A-4711^^^&2.999.41&ISO^urn:ihe:iti:xds:2013:accession',
      '2.999.71^^^^urn:ihe:iti:xds:2016:studyInstanceUID',
    ])
    expect(entry?.title?.[0]?.value).to.equal('Thorax für Kontrolle')
    expect(entry?.serviceStartTime).to.equal('20261120091500')

    await retrieveImages(entry?.uniqueId ?? '', { ...options(), output: 'fetched' }, context())
    const fetched = join(running.folder, 'fetched')
    expect(readdirSync(fetched).sort()).to.deep.equal(Object.keys(images).map(uid => `${uid}.dcm`))
    for (const [uid, bytes] of Object.entries(images)) {
      expect(readFileSync(join(fetched, `${uid}.dcm`)).equals(bytes)).to.equal(true)
    }

    const admin = context()
    await imagingRemove(['2.999.70.3'], { ...options(), yes: true }, admin)
    expect(admin.terminal.printed).to.deep.equal(['removed    2.999.70.3'])
    const failure = await retrieveImages(entry?.uniqueId ?? '', { ...options(), output: 'again' }, context()).catch(
      problem => problem,
    )
    expect(String(failure)).to.contain('XDSDocumentUniqueIdError').and.to.contain('2.999.70.3')
    expect(readdirSync(join(running.folder, 'again'))).to.have.length(2)
  })

  it('takes no file twice, and none that is no image', async () => {
    const twice = [join('given', '2.999.70.1'), join('given', '2.999.70.1')]
    const said = await imagingAdd(twice, { ...options(), patient }, context()).catch(problem => String(problem))
    expect(said).to.contain('are the same image')
    writeFileSync(join(running.folder, 'given', 'text'), 'no image')
    const other = await imagingAdd([join('given', 'text')], { ...options(), patient }, context()).catch(String)
    expect(other).to.contain('is no DICOM file')
  })
})
