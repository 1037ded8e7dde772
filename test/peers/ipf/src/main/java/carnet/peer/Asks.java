package carnet.peer;

import static carnet.peer.Partner.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.activation.DataHandler;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Code;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.requests.DocumentReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.QueryRegistry;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FetchQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryReturnType;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.StoredQuery;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Response;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocumentSet;
import org.springframework.stereotype.Component;

/** IPF's clients: what they are told to ask, and what they were answered, with IPF's opinion of both messages. */
@Component
class Asks {
    private final ProducerTemplate send;
    private final Judge judge;

    Asks(CamelContext camel) {
        send = camel.createProducerTemplate();
        judge = new Judge(camel);
    }

    /** A message of HL7 v3, which is text to IPF. */
    ObjectNode hl7(JsonNode command) throws Exception {
        String transaction = command.get("transaction").asText();
        String scheme = switch (transaction) {
            case "ITI-44", "ITI-45", "ITI-46" -> "pixv3-";
            case "ITI-47" -> "pdqv3-";
            default -> "xcpd-";
        };
        String body = command.get("body").asText();
        var answered = asked(scheme, transaction, command, body);
        return told(transaction, body, answered).put("answer", answered.getMessage().getMandatoryBody(String.class));
    }

    /** ITI-38: by patient, or by uniqueId. */
    ObjectNode query(JsonNode command) throws Exception {
        var request = new QueryRegistry(command.has("patientId") ? byPatient(command) : byUniqueId(command));
        request.setReturnType(QueryReturnType.LEAF_CLASS);
        var answered = asked("xca-", "ITI-38", command, request);
        var found = answered.getMessage().getMandatoryBody(QueryResponse.class);
        var node = withOutcome(told("ITI-38", request, answered), found);
        var entries = node.putArray("entries");
        for (var entry : found.getDocumentEntries()) {
            entries.addObject()
                    .put("uniqueId", entry.getUniqueId())
                    .put("homeCommunityId", entry.getHomeCommunityId())
                    .put("repositoryUniqueId", entry.getRepositoryUniqueId())
                    .put("patientId", String.valueOf(entry.getPatientId()))
                    .put("hash", entry.getHash())
                    .put("size", entry.getSize());
        }
        return node;
    }

    private static StoredQuery byPatient(JsonNode command) {
        var query = new FindDocumentsQuery();
        query.setPatientId(Identifiable.parse(command.get("patientId").asText(), Identifiable.class));
        query.setStatus(List.of(AvailabilityStatus.APPROVED));
        query.setHomeCommunityId(command.path("home").asText(null));
        return query;
    }

    private static StoredQuery byUniqueId(JsonNode command) {
        var query = new GetDocumentsQuery();
        query.setUniqueIds(List.of(command.get("uniqueId").asText()));
        query.setHomeCommunityId(command.path("home").asText(null));
        return query;
    }

    /** ITI-63: by patient and class. */
    ObjectNode fetch(JsonNode command) throws Exception {
        var query = new FetchQuery();
        query.setPatientId(Identifiable.parse(command.get("patientId").asText(), Identifiable.class));
        query.setClassCodes(List.of(new Code(command.get("classCode").asText(), null, command.get("scheme").asText())));
        query.setHomeCommunityId(command.path("home").asText(null));
        var request = new QueryRegistry(query);
        request.setReturnType(QueryReturnType.LEAF_CLASS_WITH_REPOSITORY_ITEM);
        var answered = asked("xcf-", "ITI-63", command, request);
        var found = answered.getMessage().getMandatoryBody(QueryResponse.class);
        var node = withOutcome(told("ITI-63", request, answered), found);
        var documents = node.putArray("documents");
        for (var document : found.getDocuments()) {
            withContent(documents.addObject(), document.getDataHandler())
                    .put("documentUniqueId", document.getDocumentEntry().getUniqueId())
                    .put("homeCommunityId", document.getDocumentEntry().getHomeCommunityId())
                    .put("mimeType", document.getDocumentEntry().getMimeType());
        }
        return node;
    }

    /** ITI-39. */
    ObjectNode retrieve(JsonNode command) throws Exception {
        var request = new RetrieveDocumentSet();
        for (var wanted : command.get("documents")) {
            request.getDocuments().add(new DocumentReference(
                    wanted.get("repositoryUniqueId").asText(),
                    wanted.get("documentUniqueId").asText(),
                    wanted.path("homeCommunityId").asText(null)));
        }
        var answered = asked("xca-", "ITI-39", command, request);
        var found = answered.getMessage().getMandatoryBody(RetrievedDocumentSet.class);
        var node = withOutcome(told("ITI-39", request, answered), found);
        var documents = node.putArray("documents");
        for (var document : found.getDocuments()) {
            withContent(documents.addObject(), document.getDataHandler())
                    .put("documentUniqueId", document.getRequestData().getDocumentUniqueId())
                    .put("homeCommunityId", document.getRequestData().getHomeCommunityId())
                    .put("mimeType", document.getMimeType());
        }
        return node;
    }

    /** ITI-80, or an ITI-41 that says for which community it is. */
    ObjectNode provide(JsonNode command) throws Exception {
        String transaction = command.get("transaction").asText();
        var request = Holdings.of(command).submission(command.get("uniqueId").asText());
        request.setTargetHomeCommunityId(command.path("target").asText(null));
        var answered = asked(transaction.equals("ITI-80") ? "xcdr-" : "xds-", transaction, command, request);
        return withOutcome(told(transaction, request, answered), answered.getMessage().getMandatoryBody(Response.class));
    }

    private static ObjectNode withContent(ObjectNode node, DataHandler content) throws Exception {
        byte[] bytes;
        try (var in = content.getInputStream()) {
            bytes = in.readAllBytes();
        }
        return node.put("size", bytes.length)
                .put("sha1", HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes)));
    }

    private Exchange asked(String scheme, String transaction, JsonNode command, Object body) throws Exception {
        String url = command.get("url").asText().replaceFirst("^https://", "");
        String more = command.path("options").asText("");
        String endpoint = scheme + transaction.toLowerCase().replace("-", "") + "://" + url
                + "?audit=false&secure=true&sslContextParameters=#tls" + more;
        var exchange = send.request(endpoint, each -> each.getIn().setBody(body));
        if (exchange.getException() != null) throw exchange.getException();
        return exchange;
    }

    private ObjectNode told(String transaction, Object request, Exchange answered) {
        return JSON.createObjectNode()
                .put("ofRequest", judge.request(transaction, request))
                .put("ofResponse", judge.response(transaction, answered.getMessage().getBody()));
    }

    private static ObjectNode withOutcome(ObjectNode node, Response response) {
        node.put("status", String.valueOf(response.getStatus()));
        var errors = node.putArray("errors");
        for (var error : response.getErrors() == null ? List.<org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorInfo>of() : response.getErrors()) {
            errors.add(error.getErrorCode() == null ? error.getCustomErrorCode() : error.getErrorCode().getOpcode());
        }
        return node;
    }
}
