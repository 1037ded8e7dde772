import { expect } from 'chai'
import type { DataSet } from '../../dicom/data-set.js'
import { textsOf } from '../../dicom/texts.js'

/** With a patient's name in these bytes. */
const named = (characterSet: string, bytes: Buffer) =>
  ({
    string: () => characterSet,
    byteArray: bytes,
    elements: { x00100010: { dataOffset: 0, length: bytes.length } },
  }) as unknown as DataSet

describe('texts of a DICOM data set', () => {
  it('are in the character set that it names, and Latin-1 in one that nobody knows', () => {
    for (const [characterSet, bytes] of [
      ['ISO_IR 192', Buffer.from('Äbi^Rosa')],
      ['ISO 2022 IR 100', Buffer.from('Äbi^Rosa', 'latin1')],
      ['ISO_IR 7', Buffer.from('Äbi^Rosa', 'latin1')],
      ['constructor', Buffer.from('Äbi^Rosa', 'latin1')],
    ] as const) {
      expect(textsOf(named(characterSet, bytes))('x00100010'), characterSet).to.equal('Äbi^Rosa')
    }
  })
})
