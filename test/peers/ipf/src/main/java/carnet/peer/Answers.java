package carnet.peer;

import static carnet.peer.Partner.JSON;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import javax.xml.namespace.QName;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.cxf.headers.Header;
import org.openehealth.ipf.commons.ihe.xds.core.requests.ProvideAndRegisterDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.QueryRegistry;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.platform.camel.ihe.ws.AbstractWsEndpoint;
import org.springframework.stereotype.Component;
import org.w3c.dom.Element;

/** IPF's servers. What they hear is kept with IPF's opinion of it; what they answer is said before. */
@Component
class Answers extends RouteBuilder {
    private static final List<String> HL7 = List.of("pixv3-iti44", "pixv3-iti45", "pixv3-iti46", "pdqv3-iti47", "xcpd-iti55", "xcpd-iti56");

    private final Map<String, String> templates = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<ObjectNode> heard = new ConcurrentLinkedQueue<>();
    private volatile Holdings holdings = Holdings.none();
    private Judge judge;

    @Override
    public void configure() {
        judge = new Judge(getContext());
        errorHandler(noErrorHandler());
        for (String scheme : HL7) {
            String transaction = "ITI-" + scheme.substring(scheme.length() - 2);
            from(scheme + ":" + scheme).process(exchange -> {
                String message = exchange.getIn().getBody(String.class);
                heard.add(opinion(transaction, message).put("message", message));
                exchange.getMessage().setBody(filled(templates.get(transaction), message));
            });
        }
        from("xca-iti38:xca-iti38").process(exchange -> {
            var opinion = opinion("ITI-38", exchange.getIn().getBody());
            var query = exchange.getIn().getBody(QueryRegistry.class);
            heard.add(opinion.put("message", String.valueOf(query)));
            exchange.getMessage().setBody(holdings.answer(query));
        });
        from("xcf-iti63:xcf-iti63").process(exchange -> {
            var opinion = opinion("ITI-63", exchange.getIn().getBody());
            var query = exchange.getIn().getBody(QueryRegistry.class);
            heard.add(opinion.put("message", String.valueOf(query)));
            exchange.getMessage().setBody(holdings.fetched(query));
        });
        from("xcdr-iti80:xcdr-iti80").process(exchange -> {
            var opinion = opinion("ITI-80", exchange.getIn().getBody());
            var request = exchange.getIn().getBody(ProvideAndRegisterDocumentSet.class);
            heard.add(opinion.put("message", Holdings.told(target(exchange), request)));
            exchange.getMessage().setBody(holdings.received(target(exchange)));
        });
        from("xca-iti39:xca-iti39").process(exchange -> {
            var opinion = opinion("ITI-39", exchange.getIn().getBody());
            var request = exchange.getIn().getBody(RetrieveDocumentSet.class);
            heard.add(opinion.put("message", String.valueOf(request)));
            exchange.getMessage().setBody(holdings.answer(request));
        });
    }

    private static final QName BLOCK = new QName("urn:ihe:iti:xdr:2014", "homeCommunityBlock");

    /** As the SOAP header says it; null where it does not. */
    private static String target(Exchange exchange) {
        Map<?, ?> headers = exchange.getIn().getHeader(AbstractWsEndpoint.INCOMING_SOAP_HEADERS, Map.class);
        return headers.get(BLOCK) instanceof Header header ? ((Element) header.getObject()).getTextContent().trim() : null;
    }

    /** What is answered to a transaction of HL7 v3 from now on. */
    ObjectNode answer(JsonNode command) {
        templates.put(command.get("transaction").asText(), command.get("template").asText());
        return JSON.createObjectNode();
    }

    ObjectNode hold(JsonNode command) {
        holdings = Holdings.of(command);
        return JSON.createObjectNode();
    }

    /** All since the last time. */
    ObjectNode heard() {
        var node = JSON.createObjectNode();
        var list = node.putArray("messages");
        for (var each = heard.poll(); each != null; each = heard.poll()) list.add(each);
        return node;
    }

    private ObjectNode opinion(String transaction, Object message) {
        return JSON.createObjectNode().put("transaction", transaction).put("opinion", judge.request(transaction, message));
    }

    private static final Pattern MESSAGE_ID = Pattern.compile("<(?:\\w+:)?id\\b([^>]*?)/?>");
    private static final Pattern QUERY_ID = Pattern.compile("<(?:\\w+:)?queryId\\b([^>]*?)/?>");
    private static final Pattern QUERY = Pattern.compile("<((?:\\w+:)?)queryByParameter\\b.*</\\1queryByParameter>", Pattern.DOTALL);

    /** An answer says again what it answers. */
    private static String filled(String template, String request) {
        if (template == null) throw new IllegalStateException("nobody has said what is answered here");
        return template
                .replace("{messageId}", attributes(MESSAGE_ID, request))
                .replace("{queryId}", attributes(QUERY_ID, request))
                .replace("{query}", first(QUERY, request, 0));
    }

    private static String attributes(Pattern pattern, String request) {
        return first(pattern, request, 1).trim();
    }

    private static String first(Pattern pattern, String text, int group) {
        var matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(group) : "";
    }
}
