import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { DicomProblem, dataSetIn } from '../../dicom/data-set.js'
import { instanceOf } from '../../dicom/instance.js'
import { keyObjectSelection, manifestIn, writeManifest } from '../../dicom/manifest.js'
import { anImage, radiography } from './an-image.js'
import { itemsAt, readInstance } from './plain-reader.js'

const images = [
  anImage({ sop: '2.999.70.1' }),
  anImage({ sop: '2.999.70.2' }),
  anImage({ sop: '2.999.70.3', series: '2.999.73' }),
]

const facts = {
  ...{ sopInstanceUID: '2.999.90', seriesInstanceUID: '2.999.91', retrieveLocationUID: '2.999.20' },
  nowMs: Date.UTC(2026, 10, 21, 23, 30, 5),
}
const manifest = () =>
  writeManifest(
    facts,
    images.map(image => instanceOf(dataSetIn(image))),
    dataSetIn(images[0]!),
  )

describe('dicom/manifest', () => {
  it('names every instance by series, and where it is retrieved [IHE RAD TF-3: 4.68.4.1.2.1]', () => {
    const { meta, set } = readInstance(manifest())
    expect([meta.get('0002,0002'), meta.get('0002,0003'), meta.get('0002,0010')]).to.deep.equal([
      keyObjectSelection,
      '2.999.90',
      '1.2.840.10008.1.2.1',
    ])
    expect([set.get('0008,0016'), set.get('0008,0018'), set.get('0008,0060')]).to.deep.equal([
      keyObjectSelection,
      '2.999.90',
      'KO',
    ])
    const [study] = itemsAt(set, '0040,a375')
    expect(study?.get('0020,000d')).to.equal('2.999.71')
    const series = itemsAt(set, '0040,a375', '0008,1115')
    expect(series.map(each => [each.get('0020,000e'), each.get('0040,e011')])).to.deep.equal([
      ['2.999.72', '2.999.20'],
      ['2.999.73', '2.999.20'],
    ])
    const instances = itemsAt(set, '0040,a375', '0008,1115', '0008,1199')
    expect(instances.map(each => [each.get('0008,1150'), each.get('0008,1155')])).to.deep.equal(
      ['2.999.70.1', '2.999.70.2', '2.999.70.3'].map(uid => [radiography, uid]),
    )
  })

  it('is a Key Object Selection of the title Manifest that contains each of them [DICOM PS3.16: TID 2010]', () => {
    const { set } = readInstance(manifest())
    const [title] = itemsAt(set, '0040,a043')
    expect(['0008,0100', '0008,0102', '0008,0104'].map(tag => title?.get(tag))).to.deep.equal([
      '113030',
      'DCM',
      'Manifest',
    ])
    expect(itemsAt(set, '0040,a504')[0]?.get('0040,db00')).to.equal('2010')
    const content = itemsAt(set, '0040,a730')
    expect(content.map(each => [each.get('0040,a010'), each.get('0040,a040')])).to.deep.equal(
      Array(3).fill(['CONTAINS', 'IMAGE']),
    )
    expect(itemsAt(set, '0040,a730', '0008,1199').map(each => each.get('0008,1155'))).to.deep.equal([
      '2.999.70.1',
      '2.999.70.2',
      '2.999.70.3',
    ])
  })

  it('is about the patient and the study of the images, in UTF-8 and in their zone [DICOM PS3.3: A.35.4]', () => {
    const { set } = readInstance(manifest())
    const told = (...tags: string[]) => tags.map(tag => set.get(tag))
    expect(told('0010,0010', '0010,0020', '0020,000d', '0008,0050', '0008,1030', '0008,0020')).to.deep.equal([
      'Müster^Anna',
      'H-100234',
      '2.999.71',
      'A-4711',
      'Thorax für Kontrolle',
      '20261120',
    ])
    expect(itemsAt(set, '0008,0051')[0]?.get('0040,0032')).to.equal('2.999.41')
    expect(told('0008,0023', '0008,0033', '0008,0201')).to.deep.equal(['20261122', '003005', '+0100'])
    // Of type 2: there, and empty where nothing is known.
    expect(told('0010,0030', '0010,0040', '0008,0090', '0020,0010', '0008,0070')).to.deep.equal(['', '', '', '', ''])
    expect(set.get('0008,1111')).to.deep.equal([])
  })

  it('is read again as it was written', () => {
    expect(manifestIn(dataSetIn(manifest())).map(each => Object.values(each))).to.deep.equal([
      [radiography, '2.999.70.1', '2.999.71', '2.999.72', '2.999.20'],
      [radiography, '2.999.70.2', '2.999.71', '2.999.72', '2.999.20'],
      [radiography, '2.999.70.3', '2.999.71', '2.999.73', '2.999.20'],
    ])
  })

  it('has no fault that a validator of others finds', function () {
    if (spawnSync('dciodvfy', ['-?']).error !== undefined) {
      console.log('      dciodvfy is not here (Debian: dicom3tools): nobody else examines the manifest')
      this.skip()
    }
    // It takes 2.999 for a mistake.
    const image = anImage({ sop: '2.25.70', study: '2.25.71', series: '2.25.72' })
    const of = [instanceOf(dataSetIn(image))]
    const uids = { sopInstanceUID: '2.25.90', seriesInstanceUID: '2.25.91', retrieveLocationUID: '2.25.20' }
    const folder = mkdtempSync(join(tmpdir(), 'carnet-manifest-'))
    const file = join(folder, 'manifest.dcm')
    writeFileSync(file, writeManifest({ ...facts, ...uids }, of, dataSetIn(image)))
    const { stderr, stdout } = spawnSync('dciodvfy', [file], { encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    const said = `${stdout}${stderr}`.split('\n')
    expect(said.filter(line => line.startsWith('Error'))).to.deep.equal([])
    expect(said).to.include('KeyObjectSelectionDocument')
  })

  it('takes nothing else for a manifest', () => {
    expect(() => manifestIn(dataSetIn(images[0]!))).to.throw(DicomProblem, 'no Key Object Selection')
  })
})
