import { expect } from 'chai'
import { readDicomHeader } from '../../../cli/documents/dicom.js'
import { looksLikeDicom } from '../../../dicom/data-set.js'
import { type Attribute, aDicomInstance, type Syntax } from '../dicom-instance.js'

const chest: readonly Attribute[] = [
  ['00080005', 'CS', 'ISO_IR 192'],
  ['00080016', 'UI', '1.2.840.10008.5.1.4.1.1.2'],
  ['00080018', 'UI', '2.999.40.7'],
  ['00080020', 'DA', '20261120'],
  ['00080023', 'DA', '20261120'],
  ['00080030', 'TM', '101500.5'],
  ['00080033', 'TM', '102000'],
  ['00080050', 'SH', 'A-4711'],
  [
    '00080051',
    'SQ',
    [
      [
        ['00400032', 'UT', '2.999.41'],
        ['00400033', 'CS', 'ISO'],
      ],
    ],
  ],
  ['00080060', 'CS', 'CT'],
  ['00080080', 'LO', 'Example Hospital'],
  ['00080201', 'SH', '+0100'],
  ['00081030', 'LO', 'CT Thorax für Kontrolle'],
  [
    '00081032',
    'SQ',
    [
      [
        ['00080100', 'SH', '24627-2'],
        ['00080102', 'SH', 'LN'],
        ['00080104', 'LO', 'CT Chest'],
      ],
    ],
  ],
  ['00081050', 'PN', 'Beispiel^Lukas^^Dr. med.'],
  [
    '00082218',
    'SQ',
    [
      [
        ['00080100', 'SH', '51185008'],
        ['00080102', 'SH', 'SCT'],
        ['00080104', 'LO', 'Chest'],
      ],
    ],
  ],
  ['00100010', 'PN', 'Müster^Anna^Maria'],
  ['00100020', 'LO', 'H-100234'],
  [
    '00100024',
    'SQ',
    [
      [
        ['00400032', 'UT', '2.999.1.30'],
        ['00400033', 'CS', 'ISO'],
      ],
    ],
  ],
  ['00100030', 'DA', '19580314'],
  ['00100040', 'CS', 'F'],
  ['0020000d', 'UI', '2.999.42'],
  ['7fe00010', 'OW', Buffer.alloc(64)],
]

const without = (...tags: string[]) => chest.filter(([tag]) => !tags.includes(tag))
const instead = (attribute: Attribute) => chest.map(each => (each[0] === attribute[0] ? attribute : each))

describe('cli/dicom', () => {
  it('takes from the header of an instance what it tells [IHE RAD TF-3: 4.68.4.1.2.3]', () => {
    const header = readDicomHeader(aDicomInstance(chest))
    expect(header).to.deep.include({
      uniqueId: '2.999.40.7',
      title: 'CT Thorax für Kontrolle',
      creationTime: '20261120092000',
      serviceStartTime: '20261120091500',
      authorPerson: '^Beispiel^Lukas^^^Dr. med.',
      authorInstitution: 'Example Hospital',
      sourcePatientId: 'H-100234^^^&2.999.1.30&ISO',
      sourcePatientInfo: ['PID-3|H-100234^^^&2.999.1.30&ISO', 'PID-5|Müster^Anna^Maria', 'PID-7|19580314', 'PID-8|F'],
      referenceIdList: [
        'A-4711^^^&2.999.41&ISO^urn:ihe:iti:xds:2013:accession',
        '2.999.42^^^^urn:ihe:iti:xds:2016:studyInstanceUID',
      ],
    })
    expect(header.code).to.deep.include({ code: '24627-2', codingScheme: '2.16.840.1.113883.6.1' })
    expect(header.formatCode).to.deep.include({
      code: '1.2.840.10008.5.1.4.1.1.2',
      codingScheme: '1.2.840.10008.2.6.1',
    })
    expect(header.eventCodeList?.map(({ code, codingScheme }) => `${code} ${codingScheme}`)).to.deep.equal([
      'CT 1.2.840.10008.2.16.4',
      '51185008 2.16.840.1.113883.6.96',
    ])
  })

  for (const syntax of ['implicit little', 'explicit big', 'deflated'] as const satisfies Syntax[]) {
    it(`reads the same from an instance in ${syntax} form [DICOM PS3.5: A]`, () => {
      expect(readDicomHeader(aDicomInstance(chest, syntax))).to.deep.equal(readDicomHeader(aDicomInstance(chest)))
    })
  }

  it('needs no more of a file than what stands before its pixels', () => {
    const whole = aDicomInstance(chest)
    expect(readDicomHeader(whole.subarray(0, whole.length - 30))).to.deep.equal(readDicomHeader(whole))
  })

  it('fails on a header that is cut short, and says so', () => {
    const whole = aDicomInstance(chest)
    expect(() => readDicomHeader(whole.subarray(0, 400))).to.throw()
  })

  it('decodes texts in the character set of the instance [DICOM PS3.3: C.12.1.1.2]', () => {
    const latin = instead(['00080005', 'CS', 'ISO_IR 100']).map(each =>
      each[0] === '00081030' ? (['00081030', 'LO', Buffer.from('Überblick', 'latin1')] as const) : each,
    )
    expect(readDicomHeader(aDicomInstance(latin)).title).to.equal('Überblick')
  })

  it('leaves out ids whose authority it does not know', () => {
    const header = readDicomHeader(aDicomInstance(without('00080051', '00100024')))
    expect(header.sourcePatientId).to.equal(undefined)
    expect(header.referenceIdList).to.deep.equal(['2.999.42^^^^urn:ihe:iti:xds:2016:studyInstanceUID'])
  })

  it('keeps a time without a zone as it stands', () => {
    expect(readDicomHeader(aDicomInstance(without('00080201'))).serviceStartTime).to.equal('20261120101500')
  })

  it('knows an instance by its mark [DICOM PS3.10: 7.1]', () => {
    expect(looksLikeDicom(aDicomInstance(chest))).to.equal(true)
    expect(looksLikeDicom(Buffer.from('DICM'))).to.equal(false)
  })
})
