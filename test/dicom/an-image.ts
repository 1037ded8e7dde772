// A radiograph made by hand: as short as an image may be, with what a manifest wants to know of it.
import { type Attribute, aDicomInstance, type Syntax } from '../cli/dicom-instance.js'

export interface ImageNames {
  sop?: string
  study?: string
  series?: string
  modality?: string
  pixels?: number
  syntax?: Syntax
  /** Of the patient's id in the instance. */
  patientAuthority?: string
}

export const radiography = '1.2.840.10008.5.1.4.1.1.1'

export function anImage({
  sop = '2.999.70.1',
  study = '2.999.71',
  series = '2.999.72',
  modality = 'CR',
  pixels = 64,
  syntax = 'explicit little',
  patientAuthority,
}: ImageNames = {}): Buffer {
  const attributes: Attribute[] = [
    ['00080005', 'CS', 'ISO_IR 100'],
    ['00080016', 'UI', radiography],
    ['00080018', 'UI', sop],
    ['00080020', 'DA', '20261120'],
    ['00080030', 'TM', '101500'],
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
    ['00080060', 'CS', modality],
    ['00080201', 'SH', '+0100'],
    ['00081030', 'LO', Buffer.from('Thorax für Kontrolle', 'latin1')],
    ['00081050', 'PN', 'Beispiel^Lukas'],
    ['00100010', 'PN', Buffer.from('Müster^Anna', 'latin1')],
    ['00100020', 'LO', 'H-100234'],
    ...(patientAuthority === undefined ? [] : [issuedBy(patientAuthority)]),
    ['0020000d', 'UI', study],
    ['0020000e', 'UI', series],
    ['7fe00010', 'OW', Buffer.alloc(pixels, 7)],
  ]
  return aDicomInstance(attributes, syntax)
}

function issuedBy(authority: string): Attribute {
  return [
    '00100024',
    'SQ',
    [
      [
        ['00400032', 'UT', authority],
        ['00400033', 'CS', 'ISO'],
      ],
    ],
  ]
}
