import { deflateRawSync } from 'node:zlib'
import { expect } from 'chai'
import { DicomProblem, dataSetIn, withoutPixels } from '../../dicom/data-set.js'
import { instanceOf, sopInstanceUIDIn } from '../../dicom/instance.js'
import { manifestIn } from '../../dicom/manifest.js'
import type { Syntax } from '../cli/dicom-instance.js'
import { anImage } from './an-image.js'

const syntaxes: readonly Syntax[] = ['explicit little', 'implicit little', 'explicit big', 'deflated']

describe('dicom/data-set', () => {
  it('knows an instance by its UIDs, in each transfer syntax [DICOM PS3.5: A]', () => {
    for (const syntax of syntaxes) {
      expect(instanceOf(dataSetIn(anImage({ syntax })))).to.deep.include({
        sopInstanceUID: '2.999.70.1',
        studyInstanceUID: '2.999.71',
        seriesInstanceUID: '2.999.72',
        sopClassUID: '1.2.840.10008.5.1.4.1.1.1',
      })
    }
  })

  it('says what is missing, and of what is no UID what it is [DICOM PS3.5: 9.1]', () => {
    const problem = (bytes: Buffer) => {
      try {
        return instanceOf(dataSetIn(bytes))
      } catch (failure) {
        expect(failure).to.be.instanceOf(DicomProblem)
        return (failure as Error).message
      }
    }
    expect(problem(anImage({ study: '' }))).to.equal('it has no Study Instance UID (0020,000D)')
    expect(problem(anImage({ sop: '../../etc/passwd' }))).to.contain('is no UID: "../../etc/passwd"')
    expect(problem(anImage({ series: `1.${'2'.repeat(64)}` }))).to.contain(
      'its Series Instance UID (0020,000E) is no UID',
    )
    expect(problem(Buffer.from('%PDF-1.7'))).to.contain('no mark DICM')
    expect(problem(anImage().subarray(0, 300))).to.be.a('string')
  })

  it('reads what is deflated in bounds: a few bytes may stand for any number of pixels', () => {
    const plain = anImage({ pixels: 34 * 1024 * 1024 })
    const head = anImage({ syntax: 'deflated' })
    const start = 144 + head.readUInt32LE(140)
    const bomb = Buffer.concat([
      head.subarray(0, start),
      deflateRawSync(plain.subarray(144 + plain.readUInt32LE(140)), { level: 1 }),
    ])
    expect(bomb.length).to.be.below(400_000)
    expect(instanceOf(dataSetIn(bomb)).sopInstanceUID).to.equal('2.999.70.1')
  })

  it('needs no pixels to say all else, and keeps none', () => {
    for (const syntax of syntaxes) {
      const whole = anImage({ syntax, pixels: 500_000 })
      const head = withoutPixels(whole)
      expect(head.length).to.be.below(2_000)
      expect(instanceOf(dataSetIn(head))).to.deep.equal(instanceOf(dataSetIn(whole)))
    }
  })

  it('finds the UID of an instance in its first bytes, or none', () => {
    for (const syntax of syntaxes.filter(each => each !== 'deflated')) {
      expect(sopInstanceUIDIn(anImage({ syntax }).subarray(0, 300))).to.equal('2.999.70.1')
    }
    expect(sopInstanceUIDIn(anImage({ syntax: 'deflated' }))).to.equal('2.999.70.1')
    expect(sopInstanceUIDIn(anImage().subarray(0, 200))).to.equal(undefined)
    expect(sopInstanceUIDIn(Buffer.from('no image'))).to.equal(undefined)
  })

  it('survives whatever becomes of an instance on its way', () => {
    let state = 20_261_125
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 8) % below
    }
    let read = 0
    for (let round = 0; round < 600; round += 1) {
      const bytes = Buffer.from(anImage({ syntax: syntaxes[round % syntaxes.length]! }))
      for (let change = random(4); change >= 0; change -= 1) bytes[132 + random(bytes.length - 132)] = random(256)
      const cut = bytes.subarray(0, random(4) === 0 ? random(bytes.length) : bytes.length)
      try {
        const set = dataSetIn(cut)
        instanceOf(set)
        read += 1
        manifestIn(set)
      } catch (problem) {
        expect(problem, `round ${round}`).to.be.instanceOf(DicomProblem)
      }
    }
    expect(read).to.be.above(25)
  })
})
