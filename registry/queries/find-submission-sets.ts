// FindSubmissionSets: the SubmissionSets of a patient that meet all criteria. ITI TF-2 §3.18.4.1.2.3.7.2.
import { many, one, required } from './parameters.js'
import { storedQuery } from './stored-query.js'
import { code, status, text, time } from './value-types.js'

/** [ITI TF-2:3.18.4.1.2.3.7.2] */
export const findSubmissionSets = storedQuery({
  name: 'FindSubmissionSets',
  id: 'urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9',
  clause: 'ITI TF-2:3.18.4.1.2.3.7.2',
  parameters: {
    patientId: required(one('$XDSSubmissionSetPatientId', text)),
    sourceId: many('$XDSSubmissionSetSourceId', text),
    submissionTimeFrom: one('$XDSSubmissionSetSubmissionTimeFrom', time),
    submissionTimeTo: one('$XDSSubmissionSetSubmissionTimeTo', time),
    authorPerson: one('$XDSSubmissionSetAuthorPerson', text),
    contentTypeCode: many('$XDSSubmissionSetContentType', code),
    status: required(many('$XDSSubmissionSetStatus', status)),
  },
  select: ({ patientId, authorPerson, ...given }, registry) =>
    registry.submissionSets(
      { patientId },
      { ...given, authorPerson: authorPerson === undefined ? undefined : [authorPerson] },
    ),
})
