import { expect } from 'chai'
import { DicomProblem, dataSetIn } from '../../dicom/data-set.js'
import { instanceIn, instanceOf, sopInstanceUIDIn } from '../../dicom/instance.js'
import { type Attribute, aDicomInstance, type Syntax } from '../cli/dicom-instance.js'
import { anImage, radiography } from './an-image.js'

const syntaxes: readonly Syntax[] = ['explicit little', 'implicit little', 'explicit big', 'deflated']
const outcome = (work: () => unknown) => {
  try {
    return work()
  } catch (problem) {
    expect(problem).to.be.instanceOf(DicomProblem)
    return 'refused'
  }
}

/** An image with something before its UIDs. */
function anImageBehind(between: Attribute, syntax: Syntax): Buffer {
  return aDicomInstance(
    [
      between,
      ['00080016', 'UI', radiography],
      ['00080018', 'UI', '2.999.70.1'],
      ['0020000d', 'UI', '2.999.71'],
      ['0020000e', 'UI', '2.999.72'],
    ],
    syntax,
  )
}

describe('dicom/top-level', () => {
  it('reads of an instance what the whole data set says, in each transfer syntax [DICOM PS3.5: A]', () => {
    for (const syntax of syntaxes) {
      const image = anImage({ syntax })
      expect(instanceIn(image), syntax).to.deep.equal(instanceOf(dataSetIn(image)))
    }
  })

  it('looks into no sequence that says its length, whatever is in it, and however much', () => {
    for (const syntax of syntaxes) {
      // 5,000 empty items, and then what is none.
      const items = Buffer.alloc(40_000, Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]))
      const image = anImageBehind(
        ['00080006', 'SQ', Buffer.concat([items, Buffer.from('nothing of the kind!')])],
        syntax,
      )
      expect(instanceIn(image).sopInstanceUID, syntax).to.equal('2.999.70.1')
      expect(sopInstanceUIDIn(image), syntax).to.equal('2.999.70.1')
    }
  })

  it('finds the end of a sequence that says no length, and of those within [DICOM PS3.5: 7.5]', () => {
    const part = (...numbers: number[]) => Buffer.from(numbers)
    const [item, itemEnd, end] = [0x00, 0x0d, 0xdd].map(last => part(0xfe, 0xff, last, 0xe0)) as [
      Buffer,
      Buffer,
      Buffer,
    ]
    const [open, nothing] = [part(0xff, 0xff, 0xff, 0xff), part(0, 0, 0, 0)]
    const uid = Buffer.concat([part(8, 0, 0x18, 0), Buffer.from('UI'), part(4, 0), Buffer.from('9.9\0')])
    const inner = Buffer.concat([
      part(8, 0, 0x40, 0x11),
      Buffer.from('SQ'),
      part(0, 0),
      open,
      item,
      open,
      uid,
      itemEnd,
      nothing,
      end,
      nothing,
    ])
    // What has an unknown form is written without VRs. [DICOM PS3.5: 6.2.2]
    const implicit = Buffer.concat([part(9, 0, 0x10, 0), part(2, 0, 0, 0), Buffer.from('ab')])
    const unknown = Buffer.concat([
      part(9, 0, 1, 0x10),
      Buffer.from('UN'),
      part(0, 0),
      open,
      item,
      open,
      implicit,
      itemEnd,
      nothing,
      end,
      nothing,
    ])
    const image = anImageBehind(['00080006', 'SQ', Buffer.alloc(0)], 'explicit little')
    const at = image.indexOf(Buffer.concat([part(8, 0, 6, 0), Buffer.from('SQ')]))
    const sequence = Buffer.concat([item, open, inner, unknown, itemEnd, nothing, end, nothing])
    const whole = Buffer.concat([image.subarray(0, at + 8), open, sequence, image.subarray(at + 12)])
    expect(instanceIn(whole)).to.deep.equal(instanceOf(dataSetIn(whole)))
    expect(instanceIn(whole).sopInstanceUID).to.equal('2.999.70.1')
  })

  it('survives whatever becomes of an instance on its way, and says no other than the whole data set does', () => {
    let state = 20_261_126
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return (state >>> 8) % below
    }
    for (let round = 0; round < 400; round += 1) {
      const bytes = Buffer.from(anImage({ syntax: syntaxes[round % syntaxes.length]! }))
      for (let change = random(3); change >= 0; change -= 1) bytes[132 + random(bytes.length - 132)] = random(256)
      const cut = bytes.subarray(0, random(4) === 0 ? random(bytes.length) : bytes.length)
      const theirs = outcome(() => instanceOf(dataSetIn(cut)))
      const ours = outcome(() => instanceIn(cut))
      if (theirs !== 'refused' && ours !== 'refused') expect(ours, `round ${round}`).to.deep.equal(theirs)
    }
  })
})
