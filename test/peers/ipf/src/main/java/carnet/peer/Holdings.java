package carnet.peer;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.activation.DataHandler;
import jakarta.mail.util.ByteArrayDataSource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Association;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssociationLabel;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssociationType;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Code;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Document;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.LocalizedString;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.SubmissionSet;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Timestamp;
import org.openehealth.ipf.commons.ihe.xds.core.requests.ProvideAndRegisterDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.QueryRegistry;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FetchQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorCode;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorInfo;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Response;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocument;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Severity;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Status;

/** What the community behind IPF's responding gateway has of its one patient. */
record Holdings(String home, String repository, String patientId, Map<String, byte[]> documents) {
    static Holdings none() {
        return new Holdings("", "", "", Map.of());
    }

    static Holdings of(JsonNode command) {
        var documents = new LinkedHashMap<String, byte[]>();
        command.get("documents").fields().forEachRemaining(
                each -> documents.put(each.getKey(), each.getValue().asText().getBytes(StandardCharsets.UTF_8)));
        return new Holdings(command.get("home").asText(), command.get("repository").asText(),
                command.get("patientId").asText(), documents);
    }

    QueryResponse answer(QueryRegistry request) throws Exception {
        var response = new QueryResponse(Status.SUCCESS);
        var found = new ArrayList<DocumentEntry>();
        for (var document : documents.entrySet()) {
            if (isWanted(document.getKey(), request)) found.add(entry(document.getKey(), document.getValue()));
        }
        response.setDocumentEntries(found);
        return response;
    }

    /** The same with the documents inside. */
    QueryResponse fetched(QueryRegistry request) throws Exception {
        var response = answer(request);
        var found = new ArrayList<Document>();
        for (var entry : response.getDocumentEntries()) {
            var bytes = documents.get(entry.getUniqueId());
            found.add(new Document(entry, new DataHandler(new ByteArrayDataSource(bytes, "text/plain"))));
        }
        response.setDocuments(found);
        return response;
    }

    private boolean isWanted(String uniqueId, QueryRegistry request) {
        if (request.getQuery() instanceof FindDocumentsQuery query) {
            return query.getPatientId().equals(Identifiable.parse(patientId, Identifiable.class));
        }
        if (request.getQuery() instanceof FetchQuery query) {
            return query.getPatientId().equals(Identifiable.parse(patientId, Identifiable.class));
        }
        return request.getQuery() instanceof GetDocumentsQuery query && query.getUniqueIds() != null
                && query.getUniqueIds().contains(uniqueId);
    }

    private DocumentEntry entry(String uniqueId, byte[] bytes) throws Exception {
        var entry = new DocumentEntry();
        entry.setEntryUuid("urn:uuid:" + UUID.nameUUIDFromBytes(uniqueId.getBytes(StandardCharsets.UTF_8)));
        entry.setUniqueId(uniqueId);
        entry.setLogicalUuid(entry.getEntryUuid());
        entry.setHomeCommunityId(home);
        entry.setRepositoryUniqueId(repository);
        entry.setPatientId(Identifiable.parse(patientId, Identifiable.class));
        entry.setSourcePatientId(Identifiable.parse(patientId, Identifiable.class));
        entry.setAvailabilityStatus(AvailabilityStatus.APPROVED);
        entry.setTitle(new LocalizedString("Bericht äöü", "de-CH", "UTF-8"));
        entry.setMimeType("text/plain");
        entry.setLanguageCode("de-CH");
        entry.setCreationTime(Timestamp.fromHL7("20260101120000"));
        entry.setHash(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes)));
        entry.setSize((long) bytes.length);
        entry.setClassCode(code("422735006", "Summary clinical document"));
        entry.setTypeCode(code("373942005", "Discharge summary"));
        entry.setFormatCode(new Code("urn:ihe:iti:xds:2017:mimeTypeSufficient",
                new LocalizedString("mimeType sufficient", "en", "UTF-8"), "1.3.6.1.4.1.19376.1.2.3"));
        entry.setHealthcareFacilityTypeCode(code("264358009", "General practice premises"));
        entry.setPracticeSettingCode(code("394802001", "General medicine"));
        entry.getConfidentialityCodes().add(code("17621005", "Normal"));
        return entry;
    }

    /** All that there is, to be sent by an ITI-41 or ITI-80. */
    ProvideAndRegisterDocumentSet submission(String uniqueId) throws Exception {
        var patient = Identifiable.parse(patientId, Identifiable.class);
        var set = new SubmissionSet();
        set.setEntryUuid("set");
        set.setUniqueId(uniqueId);
        set.setSourceId("2.999.522");
        set.setSubmissionTime(Timestamp.fromHL7("20260101120000"));
        set.setPatientId(patient);
        set.setContentTypeCode(code("71388002", "Procedure"));
        var request = new ProvideAndRegisterDocumentSet();
        request.setSubmissionSet(set);
        for (var document : documents.entrySet()) {
            var entry = entry(document.getKey(), document.getValue());
            entry.setLogicalUuid(null);
            entry.setHomeCommunityId(null);
            entry.setRepositoryUniqueId(null);
            entry.setAvailabilityStatus(null);
            var content = new DataHandler(new ByteArrayDataSource(document.getValue(), "text/plain"));
            request.getDocuments().add(new Document(entry, content));
            var member = new Association(AssociationType.HAS_MEMBER, "member-" + document.getKey(), "set", entry.getEntryUuid());
            member.setLabel(AssociationLabel.ORIGINAL);
            request.getAssociations().add(member);
        }
        return request;
    }

    /** What has come for which community, a line each. */
    static String told(String target, ProvideAndRegisterDocumentSet request) throws Exception {
        var lines = new ArrayList<>(List.of(String.valueOf(target), request.getSubmissionSet().getPatientId().getId()));
        for (var document : request.getDocuments()) {
            try (var in = document.getDataHandler().getInputStream()) {
                lines.add(document.getDocumentEntry().getUniqueId() + " " + document.getDocumentEntry().getPatientId().getId()
                        + " " + new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return String.join("\n", lines);
    }

    /** Documents are taken where they are for this community. */
    Response received(String target) {
        if (home.equals(target)) return new Response(Status.SUCCESS);
        var refused = new Response(Status.FAILURE);
        refused.setErrors(List.of(error(ErrorCode.UNKNOWN_COMMUNITY, String.valueOf(target))));
        return refused;
    }

    private static Code code(String value, String display) {
        return new Code(value, new LocalizedString(display, "en", "UTF-8"), "2.16.840.1.113883.6.96");
    }

    RetrievedDocumentSet answer(RetrieveDocumentSet request) {
        var found = new ArrayList<RetrievedDocument>();
        var errors = new ArrayList<ErrorInfo>();
        for (var wanted : request.getDocuments()) {
            byte[] bytes = documents.get(wanted.getDocumentUniqueId());
            if (!home.equals(wanted.getHomeCommunityId())) {
                errors.add(error(ErrorCode.UNKNOWN_COMMUNITY, wanted.getHomeCommunityId()));
            } else if (bytes == null) {
                errors.add(error(ErrorCode.DOCUMENT_UNIQUE_ID_ERROR, wanted.getDocumentUniqueId()));
            } else {
                var content = new DataHandler(new ByteArrayDataSource(bytes, "text/plain"));
                found.add(new RetrievedDocument(content, wanted, null, null, "text/plain"));
            }
        }
        var status = errors.isEmpty() ? Status.SUCCESS : found.isEmpty() ? Status.FAILURE : Status.PARTIAL_SUCCESS;
        var response = new RetrievedDocumentSet(status, List.copyOf(found));
        response.setErrors(errors);
        return response;
    }

    private static ErrorInfo error(ErrorCode code, String what) {
        return new ErrorInfo(code, what, Severity.ERROR, null, null);
    }
}
