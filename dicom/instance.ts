// By what a DICOM instance is known and asked for: its UIDs. [DICOM PS3.3: C.12.1, C.7.2.1, C.7.3.1; PS3.5: 9.1; PS3.10: 7.1]
import { type DataSet, DicomProblem, stringAt } from './data-set.js'
import { topLevelIn } from './top-level.js'

export interface DicomInstance {
  sopClassUID: string
  sopInstanceUID: string
  studyInstanceUID: string
  seriesInstanceUID: string
  transferSyntaxUID: string
}

const elements = {
  sopClassUID: ['x00080016', 'SOP Class UID (0008,0016)'],
  sopInstanceUID: ['x00080018', 'SOP Instance UID (0008,0018)'],
  studyInstanceUID: ['x0020000d', 'Study Instance UID (0020,000D)'],
  seriesInstanceUID: ['x0020000e', 'Series Instance UID (0020,000E)'],
  transferSyntaxUID: ['x00020010', 'Transfer Syntax UID (0002,0010)'],
} as const

const mediaStorageSopInstanceUID = 'x00020003'

/** Of its first bytes, whoever has sent them. @throws DicomProblem */
export function instanceIn(head: Uint8Array): DicomInstance {
  return instanceOf(topLevelIn(head, [...Object.values(elements).map(([tag]) => tag), mediaStorageSopInstanceUID]))
}

/** @throws DicomProblem with the element that is missing or wrong. */
export function instanceOf(set: Pick<DataSet, 'string'>): DicomInstance {
  const named = Object.entries(elements).map(([name, [tag, label]]) => [name, uidAt(set, tag, label)])
  const instance = Object.fromEntries(named) as DicomInstance
  const told = stringAt(set, mediaStorageSopInstanceUID)
  if (told === undefined || told === instance.sopInstanceUID) return instance
  throw new DicomProblem(
    `Media Storage SOP Instance UID (0002,0003) is ${shown(told)}, SOP Instance UID (0008,0018) ${instance.sopInstanceUID}`,
  )
}

/** Of an instance whose first kilobytes these are; undefined where they tell none. */
export function sopInstanceUIDIn(head: Uint8Array): string | undefined {
  try {
    const [tag] = elements.sopInstanceUID
    return topLevelIn(head, [tag], tag).string(tag)
  } catch (problem) {
    if (problem instanceof DicomProblem) return undefined
    throw problem
  }
}

/**
 * A UID of at most 64 characters and at least two components. Leading zeros in a component, which the standard forbids and devices send, are
 * borne. [DICOM PS3.5: 9.1]
 */
export function isUid(text: string): boolean {
  return text.length <= 64 && /^\d+(?:\.\d+)+$/.test(text)
}

function uidAt(set: Pick<DataSet, 'string'>, tag: string, label: string): string {
  const uid = stringAt(set, tag) ?? ''
  if (isUid(uid)) return uid
  throw new DicomProblem(uid === '' ? `it has no ${label}` : `its ${label} is no UID: ${shown(uid)}`)
}

const shown = (text: string) => `"${text.slice(0, 80).replace(/[^ -~]/g, '?')}"`
