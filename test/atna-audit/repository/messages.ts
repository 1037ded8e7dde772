// Audit messages as other systems write them: one of each oddity that has been met in the field.

/** Written by hand, indented, with a comment where the query should be. */
export const indented = `<?xml version='1.0' encoding='utf-8'?>
<AuditMessage>
 <EventIdentification EventDateTime="2026-03-04T10:11:12.345+01:00" EventOutcomeIndicator="0" EventActionCode="E">
  <EventID csd-code="110112" codeSystemName="DCM" originalText="Query"></EventID>
  <EventTypeCode csd-code="ITI-45" codeSystemName="IHE Transactions" originalText="PIX Query"></EventTypeCode>
  <EventOutcomeDescription/>
 </EventIdentification>
 <ActiveParticipant UserID="pix.consumer" AlternativeUserID="17" UserIsRequestor="true" NetworkAccessPointID="https://consumer.example/" NetworkAccessPointTypeCode="1">
  <RoleIDCode csd-code="110153" codeSystemName="DCM" originalText="Source"/>
 </ActiveParticipant>
 <AuditSourceIdentification AuditSourceID="consumer" code="1">
  <AuditSourceTypeCode csd-code="4"></AuditSourceTypeCode>
 </AuditSourceIdentification>
 <ParticipantObjectIdentification ParticipantObjectID="A1^^^&amp;2.999.5&amp;ISO" ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1">
  <ParticipantObjectIDTypeCode csd-code="2" codeSystemName="RFC-3881" originalText="Patient Number"/>
  <ParticipantObjectDetail type="II" value="bS0x"/>
  <ParticipantObjectDetail type="MSH-10" value="bS0x"/>
 </ParticipantObjectIdentification>
 <ParticipantObjectIdentification ParticipantObjectID="q-1" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="24">
  <ParticipantObjectIDTypeCode csd-code="ITI-45" codeSystemName="IHE Transactions" originalText="PIX Query"/>
  <ParticipantObjectQuery> <!-- left out --> </ParticipantObjectQuery>
 </ParticipantObjectIdentification>
</AuditMessage>
`

/** A participant of a token without UserIsRequestor, homes as bare OIDs, nine decimals, no zone. */
export const withToken =
  '<AuditMessage><EventIdentification EventActionCode="C" EventDateTime="2026-03-04T10:11:12.123456789" EventOutcomeIndicator="0">' +
  '<EventID csd-code="110107" codeSystemName="DCM" originalText="Import"/>' +
  '<EventTypeCode csd-code="ITI-43" codeSystemName="IHE Transactions" originalText="Retrieve Document Set"/>' +
  '<PurposeOfUse csd-code="NORM" codeSystemName="2.16.756.5.30.1.127.3.10.5" originalText="Normal"/></EventIdentification>' +
  '<ActiveParticipant UserID="7601000000000" UserName="JD&lt;7601000000000@https://sts.example&gt;"/>' +
  '<ActiveParticipant UserID="7601000000000" UserName="Dr. Jane Doe" UserIsRequestor="1">' +
  '<RoleIDCode csd-code="HCP" codeSystemName="2.16.756.5.30.1.127.3.10.6" originalText="Healthcare professional"/></ActiveParticipant>' +
  '<AuditSourceIdentification AuditEnterpriseSiteID="2.999.7" AuditSourceID="portal">' +
  '<AuditSourceTypeCode csd-code="9" codeSystemName="2.999.8" originalText="Other"/></AuditSourceIdentification>' +
  '<ParticipantObjectIdentification ParticipantObjectID="1.2.3" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="3" ParticipantObjectSensitivity="normal^N^2.999">' +
  '<ParticipantObjectIDTypeCode csd-code="9" codeSystemName="RFC-3881" originalText="Report Number"/>' +
  '<ParticipantObjectDetail type="Repository Unique Id" value="Mi45OTkuMw=="/>' +
  '<ParticipantObjectDetail type="ihe:homeCommunityID" value="2.999.9"/></ParticipantObjectIdentification>' +
  '<ParticipantObjectIdentification ParticipantObjectID="00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01" ParticipantObjectTypeCode="4" ParticipantObjectTypeCodeRole="26">' +
  '<ParticipantObjectIDTypeCode csd-code="traceparent" codeSystemName="e-health-suisse" originalText="traceparent"/></ParticipantObjectIdentification></AuditMessage>'

/** RFC 3881: `code` and `displayName`; a namespace that nobody asked for; unknown elements. */
export const old = `<a:AuditMessage xmlns:a="urn:old"><a:EventIdentification EventActionCode="E" EventDateTime="2026-03-04T10:11:12Z" EventOutcomeIndicator="4">
<a:EventID code="110114" codeSystemName="DCM" displayName="User Authentication"/></a:EventIdentification>
<a:ActiveParticipant UserID="eve" UserIsRequestor="true"/><a:AuditSourceIdentification AuditSourceID="old"/><a:Extra>1</a:Extra></a:AuditMessage>`
