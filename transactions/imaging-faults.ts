// What a request for images lacks, whoever answers it. IHE RAD TF-2 §4.69.4.1.2.
import { mostErrors, registryErrorOf } from '../metadata/errors.js'
import type { RegistryError } from '../metadata/model.js'
import type { RetrieveImagingDocumentSetRequest } from './xds-messages.js'

export const imagingRule = 'IHE RAD TF-2: 4.69.4.1.3'

/** Nothing of a request is answered that has any. */
export function imagingFaults(
  { documents, transferSyntaxUIDs, hollow = [] }: RetrieveImagingDocumentSetRequest,
  most: number,
  traceId: string,
): RegistryError[] {
  const fault = (object: string, attribute: string, expected: string, found: string) =>
    registryErrorOf({ code: 'XDSIRequestError', object, attribute, rule: imagingRule, expected, found }, traceId)
  const request = 'RetrieveImagingDocumentSetRequest'
  const faults = hollow.map(found => fault(request, 'StudyRequest', 'studies, their series, documents of these', found))
  if (documents.length > most) {
    const expected = `at most ${most} DocumentRequests in one request`
    faults.push(fault(request, 'DocumentRequest', expected, String(documents.length)))
  }
  if (transferSyntaxUIDs.length === 0) {
    faults.push(fault(request, 'TransferSyntaxUIDList', 'the UID of one transfer syntax or more', 'nothing'))
  }
  for (const [index, { studyInstanceUID, seriesInstanceUID }] of documents.entries()) {
    const object = `DocumentRequest number ${index + 1}`
    if (studyInstanceUID === '') faults.push(fault(object, 'studyInstanceUID', 'the UID of a study', 'nothing'))
    if (seriesInstanceUID === '') faults.push(fault(object, 'seriesInstanceUID', 'the UID of a series', 'nothing'))
    if (faults.length >= mostErrors) break
  }
  return faults
}
