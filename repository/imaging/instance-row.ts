// A DICOM instance among the documents: kept like these, found by RAD-69 alone. docs/decisions/0340.
import type { DicomInstance } from '../../dicom/instance.js'

/** What is written down of an instance beside its SOP Instance UID. */
export interface InstanceFacts extends Omit<DicomInstance, 'sopInstanceUID'> {
  /** uniqueId of the manifest that it came with, where one was named. */
  manifestUniqueId?: string | undefined
}

/** XML has no way to write this character: no partner can name, register, fetch or remove an instance as a document. */
const mark = '\u001f'

export const instanceId = (sopInstanceUID: string) => `${mark}${sopInstanceUID}`
/** For people: of an instance its SOP Instance UID. */
export const shownUniqueId = (uniqueId: string) => (uniqueId.startsWith(mark) ? uniqueId.slice(mark.length) : uniqueId)

export function factsIn(text: string): InstanceFacts {
  return JSON.parse(text) as InstanceFacts
}

/** For the row of the document; `factsIn` reads it again. */
export function factsText(instance: DicomInstance, manifestUniqueId: string | undefined): string {
  const { sopClassUID, studyInstanceUID, seriesInstanceUID, transferSyntaxUID } = instance
  const facts: InstanceFacts = { sopClassUID, studyInstanceUID, seriesInstanceUID, transferSyntaxUID, manifestUniqueId }
  return JSON.stringify(facts)
}
