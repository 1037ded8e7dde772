// Each data type with values that are one and values that are not.
import { expect } from 'chai'
import * as types from '../../metadata/data-types.js'

interface Examples {
  type: types.DataType
  clause: string
  valid: string[]
  invalid: string[]
}

const examples: Examples[] = [
  {
    type: types.oid,
    clause: 'ITI TF-3: Table 4.2.3.1.7-2',
    valid: [
      '2.16.756.5.30.1',
      '0.1',
      '2.25.329800735698586629295641978511506172918',
      `1.${'2'.repeat(62)}`,
      '3.1',
      '192.0.2.17.1',
    ],
    invalid: ['', '2', '03.1', '1..2', '1.02', '1.2.', 'urn:oid:1.2', '1.2a', ' 1.2', `1.${'2'.repeat(63)}`],
  },
  {
    type: types.oidUrn,
    clause: 'ITI TF-3: Table 4.2.3.1.7-2',
    valid: ['urn:oid:1.3.6.1'],
    invalid: ['', '1.3.6.1', 'urn:oid:', 'URN:OID:1.3.6.1', 'urn:uuid:1.3'],
  },
  {
    type: types.uuid,
    clause: 'ITI TF-3:4.2.3.1.5',
    valid: ['urn:uuid:5b1a3d0c-9c1f-4a55-8f0e-0123456789ab', 'Document01', 'urn:oid:1.2', '1'],
    invalid: [
      '',
      'urn:uuid:',
      'urn:uuid:5b1a3d0c9c1f4a558f0e0123456789ab',
      'urn:uuid:5b1a3d0c-9c1f-4a55-8f0e-0123456789zz',
    ],
  },
  {
    type: types.cx,
    clause: 'ITI TF-3: Table 4.2.3.1.7-2',
    valid: ['17^^^&1.2.3&ISO', 'a b^^^&1.2.3&ISO', 'x\\T\\y^^^&1.2.3&ISO', '17^^^&1.2.3&ISO^'],
    invalid: [
      ...[
        '',
        '17',
        '17^^^',
        '^^^&1.2.3&ISO',
        '17^^^&1.2.3',
        '17^^^&1.2.3&UUID',
        '17^^^NS&1.2.3&ISO',
        '17^1^^&1.2.3&ISO',
      ],
      ...['17^^^&x&ISO', '17^^^&1.2.3&ISO^MR', 'a&b^^^&1.2.3&ISO', 'a|b^^^&1.2.3&ISO', 'a\\x^^^&1.2.3&ISO'],
    ],
  },
  {
    type: types.cxi,
    clause: 'ITI TF-3:4.2.3.2.28',
    valid: [
      'A-1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:accession',
      '1.2.840.99^^^^urn:ihe:iti:xds:2016:studyInstanceUID',
      'V7^^^WARD^urn:example:visit',
    ],
    invalid: [
      '',
      'A-1',
      'A-1^^^&1.2.3&ISO',
      '^^^&1.2.3&ISO^urn:x:y',
      'A-1^2^^&1.2.3&ISO^urn:x:y',
      'A-1^^^&1.2.3&ISO^urn:x:y^z',
    ],
  },
  {
    type: types.xcn,
    clause: 'ITI TF-3: Table 4.2.3.1.7-2',
    valid: [
      ...[
        '7601^Meier^Hans^^^Dr. med.^^^&2.51.1.3&ISO',
        '^Max^Mustermann^^^Dr.Med',
        '7601',
        '^Scanner',
        '^^Hans',
        '^^Meier^Hans^^^',
        '7601^Meier^^^^^^^',
      ],
      ...['^Müller&von^Änne', '7601^Meier^Hans^^^^^^&2.51.1.3&ISO^L', '^O\\T\\K^A'],
    ],
    invalid: [
      '',
      '^',
      '^^^^^Dr. med.',
      '7601^Meier^^^^^^^2.51.1.3',
      '7601^Meier^^^^^^^REG&2.51.1.3&ISO',
      '^Meier|Hans',
      '^Mei~er',
    ],
  },
  {
    type: types.xon,
    clause: 'ITI TF-3: Table 4.2.3.1.7-2',
    valid: [
      ...[
        'Praxis Meier',
        'Spital^^^^^^^^^1.2.3.4',
        'Spital^^^^^&1.2.3&ISO^^^^4711',
        'Spital^^^^^&1.2.3&ISO',
        'Spital^^^',
      ],
    ],
    invalid: [
      '',
      '^^^^^^^^^1.2.3',
      'Spital^^^^^^^^^4711',
      'Spital^L',
      'Spital^^^^^NS&1.2.3&ISO^^^^4711',
      'Spital^^^^^^^^^1.2.3^x',
    ],
  },
  {
    type: types.xtn,
    clause: 'ITI TF-3: Table 4.2.3.1.7-2',
    valid: [
      '^^Internet^a@example.org',
      '^NET^Internet^a.b@example.org',
      '^PRN^CP^^41^79^555 12 12',
      '^^PH^^^^+41 31 555 12 12^9',
    ],
    invalid: ['', 'a@example.org', '+41 31 555 12 12', '^^Internet', '^^Internet^a', '^NET^PH^^^^1', '^WPN^^^^^1'],
  },
  {
    type: types.dtm,
    clause: 'ITI TF-3: Table 4.2.3.1.7-2',
    valid: ['2026', '202602', '20240229', '2026022823', '202602282359', '20260228235959', '00010101'],
    invalid: [
      ...['', '26', '20261', '202600', '202613', '20260230', '20250229', '20260431', '2026010124', '202601012360'],
      ...[
        '20260101000060',
        '2026-01-01',
        '20260101T0000',
        '20260101000000Z',
        '20260101000000+0100',
        '20260101000000.1',
      ],
    ],
  },
  {
    type: types.dtmWithSeconds,
    clause: 'ITI TF-3:4.2.3.4.6',
    valid: ['20260228235959'],
    invalid: ['', '2026', '202602282359', '20260230000000'],
  },
  {
    type: types.field,
    clause: 'ITI TF-3:4.2.3.2.23',
    valid: [
      'PID-3|17^^^&1.2.3&ISO~18^^^&1.2.4&ISO',
      'PID-5|Müller^Änne^^^',
      'PID-7|19580211',
      'PID-8|F',
      'PID-11|^^Bern',
      'PID-39|x',
    ],
    invalid: [
      '',
      'PID-5',
      'PID-5|',
      'PID5|x',
      'PID-2|x',
      'PID-4|x',
      'PID-12|x',
      'PID-19|x',
      'PID-40|x',
      'PID-5|a|b',
      'PID-5|\\x',
    ],
  },
  {
    type: types.identifier,
    clause: 'ITI TF-3:4.2.3.2.26',
    valid: [
      '1.2.3',
      '1.2.3^ext',
      'urn:uuid:x',
      'https://example.org/a',
      '../../etc/passwd',
      'doc 7',
      '文書',
      'x'.repeat(256),
    ],
    invalid: ['', 'a\u0000b', 'a\nb', 'x'.repeat(257)],
  },
  {
    type: types.uri,
    clause: 'ITI TF-3:4.2.3.2.27',
    valid: ['a/b.xml', 'https://example.org/?a=b#c', 'a%20b', 'u'.repeat(256)],
    invalid: ['', 'a b', 'a%2', 'ä', 'u'.repeat(257)],
  },
  {
    type: types.sha1,
    clause: 'ITI TF-3:4.2.3.2.10',
    valid: ['b4a0fa3dcdb340271f4a3ccf76a52f09a243b465', 'B4A0FA3DCDB340271F4A3CCF76A52F09A243B465'],
    invalid: ['', 'b4a0', 'g4a0fa3dcdb340271f4a3ccf76a52f09a243b465', 'b4a0fa3dcdb340271f4a3ccf76a52f09a243b4650'],
  },
  {
    type: types.integer,
    clause: 'ITI TF-3: Table 4.2.3.1.7-2',
    valid: ['0', '7', '007', '999999999999999999'],
    invalid: ['', '-1', '+1', '1.0', '1e3', '0x1', '1 000', '1000000000000000000'],
  },
  {
    type: types.language,
    clause: 'ITI TF-3:4.2.3.2.13',
    valid: ['de', 'de-CH', 'gsw-CH', 'zh-Hant-TW', 'EN-us'],
    invalid: ['', 'd', 'german', 'de_CH', 'de-', 'de-CH '],
  },
  {
    type: types.mimeType,
    clause: 'ITI TF-3:4.2.3.2.15',
    valid: [
      'text/plain',
      'application/fhir+json',
      'application/vnd.oasis.opendocument.text',
      'multipart/x-hl7-cda-level1',
    ],
    invalid: ['', 'text', 'text/', '/plain', 'text/plain; charset=utf-8', 'text/plain\r\nX: y'],
  },
  {
    type: types.utf8String,
    clause: 'ITI TF-3: Table 4.2.3.1.7-2',
    valid: ['Austrittsbericht', '診療情報 😀', 'two\nlines'],
    invalid: ['', 'a\u0001b'],
  },
  { type: types.string, clause: 'ITI TF-3: Table 4.2.3.1.7-2', valid: ['', 'anything', '\u0007'], invalid: [] },
  {
    type: types.recipient,
    clause: 'ITI TF-3:4.2.3.3.7',
    valid: [
      'Spital',
      'Spital|^Meier',
      '|^Meier',
      '||^^Internet^a@example.org',
      'Spital|^Meier|^^Internet^a@example.org',
      'Spital||',
    ],
    invalid: ['', '|', '||', 'Spital|^^^^^Dr.', 'Spital^L', '||a@example.org', 'a|^b|^^Internet^a@b|c'],
  },
  {
    type: types.oneOf('String', ['yes', 'no']),
    clause: 'ITI TF-3: Table 4.2.3.1.7-2',
    valid: ['yes', 'no'],
    invalid: ['', 'maybe'],
  },
]

describe('data types', () => {
  for (const { type, clause, valid, invalid } of examples) {
    it(`${type.name} takes what is one [${clause}]`, () => {
      expect(valid.filter(value => type.check(value) !== undefined)).to.deep.equal([])
    })

    if (invalid.length > 0) {
      it(`${type.name} says in words what it expected instead [${clause}]`, () => {
        expect(invalid.filter(value => type.check(value) === undefined)).to.deep.equal([])
        expect(type.check(invalid[0]!)).to.match(/[a-z]{2}/)
      })
    }
  }

  it('count characters, not octets and not UTF-16 units [ITI TF-3:4.2.3.1.1]', () => {
    expect(types.lengthOf('ä😀文')).to.equal(3)
  })

  it('read a UUID with capital hex digits as the same UUID [ITI TF-3:4.2.3.1.5]', () => {
    const capital = 'urn:uuid:5B1A3D0C-9C1F-4A55-8F0E-0123456789AB'
    expect(types.uuid.canonical?.(capital)).to.equal(capital.toLowerCase())
    expect(types.uuid.canonical?.('Document01')).to.equal('Document01')
  })
})
