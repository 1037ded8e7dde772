// Texts of a data set in the character set that it names. [DICOM PS3.3: C.12.1.1.2]
import { TextDecoder } from 'node:util'
import { type DataSet, stringAt } from './data-set.js'

export type Text = (tag: string, within?: DataSet) => string | undefined

/** Several values of an element give the first; an empty one is none. */
export function textsOf(set: DataSet): Text {
  const decoder = decoderFor(stringAt(set, 'x00080005'))
  return (tag, within = set) => {
    const element = within.elements[tag]
    if (element === undefined || element.length <= 0) return undefined
    const bytes = within.byteArray.subarray(element.dataOffset, element.dataOffset + element.length)
    const value = decoder.decode(bytes).split('\\')[0]?.replace(/\0/g, '').trim()
    return value === '' ? undefined : value
  }
}

const characterSets: Readonly<Record<string, string>> = {
  'ISO_IR 100': 'latin1',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 148': 'iso-8859-9',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
}

function decoderFor(specificCharacterSet: string | undefined): TextDecoder {
  const [first = ''] = (specificCharacterSet ?? '').split('\\')
  const named = first.trim().replace(/^ISO 2022 IR /, 'ISO_IR ')
  // Without a word on it the set is ASCII, and what is more than that is mostly Latin-1.
  const known = Object.hasOwn(characterSets, named) ? characterSets[named] : undefined
  return new TextDecoder(known ?? 'latin1')
}
