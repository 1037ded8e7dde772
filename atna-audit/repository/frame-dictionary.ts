// The text that frames are deflated against. It stands in databases as number 1: not a byte of it may ever change. Another one
// gets another number (frames.ts). What occurs most often stands last, where it is nearest.

const dcm = 'codeSystemName="DCM" originalText='
const transaction = 'codeSystemName="IHE Transactions" originalText='
const query = (text: string) => Buffer.from(text).toString('base64')

const findDocuments = query(
  '<AdhocQueryRequest xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"><ResponseOption returnComposedObjects="true" ' +
    'returnType="LeafClass"/><AdhocQuery xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0" ' +
    'id="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"><Slot name="$XDSDocumentEntryPatientId"><ValueList><Value>' +
    "('^^^&amp;2.16.756.5.30.1.127.3.10.3&amp;ISO')</Value></ValueList></Slot>" +
    '<Slot name="$XDSDocumentEntryStatus"><ValueList><Value>' +
    "('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')</Value></ValueList></Slot></AdhocQuery></AdhocQueryRequest>",
)

const rare =
  'ITI-8 ITI-44 Patient Identity Feed Patient Record 110110 ITI-61 Register On-Demand Document Entry ITI-57 Update Document Set ' +
  'ITI-62 Remove Metadata ITI-86 Remove Documents ITI-92 Restricted Update Document Set ITI-20 ITI-81 Audit Log Used 110101 ' +
  'urn:ihe:iti:2017:ObjectRef codeSystemName="IHE XDS Metadata" originalText="registry object reference" Security Alert 110113 ' +
  `<EventID csd-code="110100" ${dcm}"Application Activity"/><EventTypeCode csd-code="110120" ${dcm}"Application Start"/>` +
  `<EventTypeCode csd-code="110121" ${dcm}"Application Stop"/><RoleIDCode csd-code="110150" ${dcm}"Application"/>` +
  `<EventTypeCode csd-code="110126" ${dcm}"Node Authentication"/><EventTypeCode csd-code="110132" ${dcm}"Use of Restricted Function"/>` +
  '<ParticipantObjectDetail type="Alert Description" value=" Document Repository Document Registry Audit Record Repository '

const persons =
  '<PurposeOfUse csd-code="NORM" codeSystemName="2.16.756.5.30.1.127.3.10.5" originalText="Normal access"/>' +
  'csd-code="EMER" originalText="Emergency access" csd-code="PAT" originalText="Patient" csd-code="ASS" originalText="Assistant" ' +
  'csd-code="TCU" originalText="Technical user" csd-code="REP" originalText="Representative" ' +
  'UserName="&lt;@&gt;" UserIsRequestor="true"><RoleIDCode csd-code="HCP" codeSystemName="2.16.756.5.30.1.127.3.10.6" ' +
  'originalText="Healthcare professional"/>'

const transactions =
  `<EventOutcomeDescription>XDS</EventOutcomeDescription>` +
  `<EventTypeCode csd-code="ITI-41" ${transaction}"Provide and Register Document Set-b"/>` +
  `<EventTypeCode csd-code="ITI-43" ${transaction}"Retrieve Document Set"/>` +
  `<EventTypeCode csd-code="ITI-42" ${transaction}"Register Document Set-b"/>` +
  `EventOutcomeIndicator="8"><EventID csd-code="110107" ${dcm}"Import"/>` +
  `EventActionCode="R" <EventID csd-code="110106" ${dcm}"Export"/>`

const objects =
  '<ParticipantObjectIdentification ParticipantObjectID="" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="3">' +
  '<ParticipantObjectIDTypeCode csd-code="9" codeSystemName="RFC-3881" originalText="Report Number"/>' +
  '<ParticipantObjectDetail type="Repository Unique Id" value="Mi4yNS4=="/><ParticipantObjectDetail type="ihe:homeCommunityID" value="dXJuOm9pZDoyLjI1L=="/>' +
  '<ParticipantObjectIdentification ParticipantObjectID="2.25.1" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="20">' +
  '<ParticipantObjectIDTypeCode csd-code="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd" codeSystemName="IHE XDS Metadata" originalText="submission set classificationNode"/></ParticipantObjectIdentification>'

const usual =
  '<85>1 20 Z localhost carnet-atna-audit carnet-repository carnet-registry IHE+RFC-3881 - <?xml version="1.0" encoding="UTF-8"?>' +
  '<AuditMessage><EventIdentification EventActionCode="C" EventActionCode="E" EventDateTime="20" EventOutcomeIndicator="0">' +
  `<EventID csd-code="110112" ${dcm}"Query"/><EventTypeCode csd-code="ITI-18" ${transaction}"Registry Stored Query"/></EventIdentification>` +
  '<ActiveParticipant UserID="http://www.w3.org/2005/08/addressing/anonymous" AlternativeUserID="" UserName="" UserIsRequestor="true" ' +
  `NetworkAccessPointID="127.0.0.1" NetworkAccessPointTypeCode="2"><RoleIDCode csd-code="110153" ${dcm}"Source Role ID"/></ActiveParticipant>` +
  '<ActiveParticipant UserID="https://localhost:8442/repository" UserID="https://localhost:8441/registry" AlternativeUserID="" ' +
  'UserIsRequestor="false" NetworkAccessPointID="localhost" NetworkAccessPointTypeCode="1">' +
  `<RoleIDCode csd-code="110152" ${dcm}"Destination Role ID"/></ActiveParticipant><AuditSourceIdentification AuditEnterpriseSiteID="2.25." ` +
  'AuditSourceID="carnet-repository" AuditSourceID="carnet-registry">' +
  `<AuditSourceTypeCode csd-code="4" ${dcm}"Application server process"/></AuditSourceIdentification>` +
  '<ParticipantObjectIdentification ParticipantObjectID="^^^&amp;2.16.756.5.30.1.127.3.10.3&amp;ISO" ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1">' +
  '<ParticipantObjectIDTypeCode csd-code="2" codeSystemName="RFC-3881" originalText="Patient Number"/></ParticipantObjectIdentification>' +
  '<ParticipantObjectIdentification ParticipantObjectID="urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="24">' +
  `<ParticipantObjectIDTypeCode csd-code="ITI-18" ${transaction}"Registry Stored Query"/><ParticipantObjectQuery>` +
  `${findDocuments}</ParticipantObjectQuery><ParticipantObjectDetail type="QueryEncoding" value="VVRGLTg="/></ParticipantObjectIdentification>` +
  '<ParticipantObjectIdentification ParticipantObjectID="00--01" ParticipantObjectTypeCode="4" ParticipantObjectTypeCodeRole="26">' +
  '<ParticipantObjectIDTypeCode csd-code="traceparent" codeSystemName="e-health-suisse" originalText="traceparent"/>' +
  '</ParticipantObjectIdentification></AuditMessage>'

export const likeMostRecords = rare + persons + transactions + objects + usual
