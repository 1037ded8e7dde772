// What to do about a refusal: a sentence for each error code that we give, and for each kind of fault.
import type { ErrorCode } from '../../metadata/model.js'

export function adviceFor(errorCode: string): string {
  return (
    advice[errorCode as ErrorCode] ??
    hl7Advice[/^HL7 (\d{3}) /.exec(errorCode)?.[1] ?? ''] ??
    'This code is not one of ours: ask the operator of the service that the message was passed on to.'
  )
}

/** By the narrowest code that is known. */
export function adviceForFault({ code, subcodes }: { code: string; subcodes: readonly string[] }): string {
  const known = [...subcodes].reverse().find(name => Object.hasOwn(faultAdvice, name))
  return faultAdvice[known ?? code] ?? again
}

const again = 'Nothing is wrong with the message: send the same one again a little later.'
const correct = 'Correct the metadata as said, and send it again.'
const ours = `Ask the operator of the service with this trace: its log has the details. ${again}`

const advice: Readonly<Record<ErrorCode, string>> = {
  XDSMissingDocument: 'Send a Document for each DocumentEntry; its id is the id of the entry.',
  XDSMissingDocumentMetadata: 'Describe each Document by a DocumentEntry whose id is the id of the Document.',
  XDSRegistryNotAvailable:
    'The repository could not reach its registry; sending the same message again is safe. Its operator finds the reason with "carnet doctor".',
  XDSRegistryError:
    'Correct the request as said; where an internal error is told, ask the operator of the registry with this trace.',
  XDSRepositoryError:
    'Correct the request as said; where an internal error is told, ask the operator of the repository with this trace.',
  XDSRegistryDuplicateUniqueIdInMessage: 'Give every object of the submission a uniqueId of its own.',
  XDSRepositoryDuplicateUniqueIdInMessage: 'Give every document of the submission a uniqueId of its own.',
  XDSDuplicateUniqueIdInRegistry:
    'If the first submission succeeded there is nothing to do; for another submission make a new uniqueId. With "resubmission": "replay" the same one sent again is answered as before.',
  XDSNonIdenticalHash:
    'This uniqueId belongs to another document: give the new one a uniqueId of its own, and replace (RPLC) if that is meant.',
  XDSNonIdenticalSize:
    'This uniqueId belongs to another document: give the new one a uniqueId of its own, and replace (RPLC) if that is meant.',
  XDSRegistryBusy: again,
  XDSRepositoryBusy: again,
  XDSRegistryOutOfResources: `The operator of the registry has to make room. ${again}`,
  XDSRepositoryOutOfResources: `The operator of the repository has to make room. ${again}`,
  XDSRegistryMetadataError: `${correct} "carnet validate FILE" finds the same without sending.`,
  XDSRepositoryMetadataError: `${correct} "carnet validate FILE" finds the same without sending.`,
  XDSTooManyResults: 'Ask with returnType ObjectRef, then for the objects in portions; or narrow the query.',
  XDSExtraMetadataNotSaved:
    'The submission is registered; what the registry does not keep is named. Nothing has to be sent again.',
  XDSUnknownPatientId:
    'Have the patient announced by the patient identity feed (ITI-44, ITI-8, or "carnet patient add CX"); after a merge use the surviving id.',
  XDSPatientIdDoesNotMatch: 'Use one patientId for all objects that belong together.',
  XDSUnknownStoredQuery:
    'Use the id of a query that this registry answers; a GET on its endpoint lists its transactions.',
  XDSStoredQueryMissingParam: 'Add the parameter that is named.',
  XDSStoredQueryParamNumber: 'Give the parameter once and with one value; of alternatives give one.',
  XDSResultNotSinglePatient: 'Ask with returnType ObjectRef, or for the objects of one patient.',
  XDSRegistryDeprecatedDocumentError:
    'Find the entry that took the place of this one (GetRelatedDocuments) and refer to that.',
  XDSUnknownRepositoryId: 'Ask the repository that the DocumentEntry names by repositoryUniqueId.',
  XDSDocumentUniqueIdError:
    'Query again: the document may have been replaced or removed, or the id is not that of the entry.',
  XDSMissingHomeCommunityId:
    'Name the community in AdhocQuery@home: without a patient nobody can say which one is meant.',
  XDSIRequestError:
    'Complete the request for images: study, series, SOP Instance UIDs and the transfer syntaxes that you take, as the manifest has them.',
  XDSUnavailableCommunity: 'Ask again later; the other communities have answered.',
  XDSUnknownCommunity: 'Use the homeCommunityId that the registry returns, or none.',
  UnresolvedReferenceException:
    'Refer to objects of the same submission by their id, and to registered ones by their UUID.',
  ReferencesExistException: 'Remove what refers to the object in the same request, or leave the object.',
  XDSUnreferencedObjectException: 'Remove the object too that nothing would refer to any more.',
  XDSMetadataUpdateError: `${correct} An update names a registered object that is current.`,
  XDSMetadataUpdateOperationError:
    'Say by the associations of the SubmissionSet which update is meant; the specification lists those there are.',
  XDSMetadataVersionError:
    'Somebody else has updated the object meanwhile: query it again, and update the version that is current.',
  XDSPatientIDReconciliationError: 'An update keeps the patient of an object, or moves all that belongs together.',
  XDSRemoveDocumentsError: 'Ask the operator of the repository with this trace.',
  XDSInvalidRequestException: 'Use register for a first version, and update for a later one of the same logicalID.',
  XDSObjectTypeError: 'Keep the objectType of the registered object.',
  XDSMetadataIdentifierError: 'Keep uniqueId and logicalID of the registered object.',
  UnmodifiableMetadataError: 'Leave the attribute as it is registered.',
  LocalPolicyRestrictionError: 'The policy of this domain does not allow it; ask its operator.',
  XDSMetadataAnnotationError: 'Join the updated object to the SubmissionSet as the specification of the update says.',
}

/** By condition. [HL7 table 0357] */
const hl7Advice: Readonly<Record<string, string>> = {
  '100': 'Send one whole message in an MLLP block, with the segments that its event asks for, each once.',
  '101': 'Fill in the field that is named.',
  '102': 'Correct the field that is named; "carnet validate FILE" finds the same without sending.',
  '103': 'Use a value that is listed, or have the operator set "mllp" of the service.',
  '104': 'Shorten the field that is named; a longer one could not be carried by the messages that follow from it.',
  '200': 'Send messages of the types that are listed, and others to whom they are for.',
  '201': 'Send the events that are listed, and others to whom they are for.',
  '202': 'Set MSH-11 to P, T or D.',
  '203': 'Set MSH-12 to the version of the message, as 2.3.1 or 2.5.',
  '204':
    'Use an id that is in use: "carnet patient show CX" tells what became of this one, "carnet person show CX" at the patient index.',
  '205': 'Send a message for each pair of ids, the surviving one and another that it subsumes.',
  '207': ours,
}

/** By code or subcode; the subcodes are those of WS-Addressing. */
const faultAdvice: Readonly<Record<string, string>> = {
  VersionMismatch: 'Send SOAP 1.2 (application/soap+xml, or MTOM with start-info application/soap+xml).',
  MustUnderstand: 'Leave out the header that is named, or do not mark it mustUnderstand.',
  DataEncodingUnknown: 'Send the body without an encodingStyle.',
  Sender: 'Correct the message as said; a GET on the endpoint tells what is taken there and who you are to it.',
  Receiver: ours,
  ActionNotSupported: 'Send it to the service that answers this action; a GET on the endpoint lists those of this one.',
  InvalidAddressingHeader: 'Correct the WS-Addressing header that is named.',
  OnlyAnonymousAddressSupported:
    'Take the answer on the connection, or have the operator list your address in "peers[].replyTo".',
  InvalidAddress: 'Use an address that the operator has listed in "peers[].replyTo", or have this one listed.',
  MessageAddressingHeaderRequired: 'Add the WS-Addressing header that is named.',
  EndpointUnavailable: 'Take the answers that wait for you at your ReplyTo, and send the same message again.',
}
