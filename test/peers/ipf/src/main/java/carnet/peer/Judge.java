package carnet.peer;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultExchange;
import org.openehealth.ipf.platform.camel.ihe.hl7v3.PixPdqV3CamelValidators;
import org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators;

/** What IPF's own validators think of a message: schema, schematron, and the rules of ebRIM. */
final class Judge {
    private record Rules(Processor request, Processor response) { }

    private static final Map<String, Rules> RULES = new HashMap<>(Map.of(
            "ITI-63", new Rules(XdsCamelValidators.iti63RequestValidator(), XdsCamelValidators.iti63ResponseValidator()),
            "ITI-56", new Rules(PixPdqV3CamelValidators.iti56RequestValidator(), PixPdqV3CamelValidators.iti56ResponseValidator()),
            "ITI-38", new Rules(XdsCamelValidators.iti38RequestValidator(), XdsCamelValidators.iti38ResponseValidator()),
            "ITI-39", new Rules(XdsCamelValidators.iti39RequestValidator(), XdsCamelValidators.iti39ResponseValidator()),
            "ITI-44", new Rules(PixPdqV3CamelValidators.iti44RequestValidator(), PixPdqV3CamelValidators.iti44ResponseValidator()),
            "ITI-45", new Rules(PixPdqV3CamelValidators.iti45RequestValidator(), PixPdqV3CamelValidators.iti45ResponseValidator()),
            "ITI-46", new Rules(PixPdqV3CamelValidators.iti46RequestValidator(), PixPdqV3CamelValidators.iti46ResponseValidator()),
            "ITI-47", new Rules(PixPdqV3CamelValidators.iti47RequestValidator(), PixPdqV3CamelValidators.iti47ResponseValidator()),
            "ITI-55", new Rules(PixPdqV3CamelValidators.iti55RequestValidator(), PixPdqV3CamelValidators.iti55ResponseValidator())));

    static {
        RULES.put("ITI-41", new Rules(XdsCamelValidators.iti41RequestValidator(), XdsCamelValidators.iti41ResponseValidator()));
        RULES.put("ITI-80", new Rules(XdsCamelValidators.iti80RequestValidator(), XdsCamelValidators.iti80ResponseValidator()));
    }

    private final CamelContext camel;

    Judge(CamelContext camel) {
        this.camel = camel;
    }

    /** Null when there is nothing to complain of. */
    String request(String transaction, Object body) {
        return complaint(RULES.get(transaction).request(), body);
    }

    String response(String transaction, Object body) {
        return complaint(RULES.get(transaction).response(), body);
    }

    private String complaint(Processor rules, Object body) {
        var exchange = new DefaultExchange(camel);
        exchange.getIn().setBody(body);
        try {
            rules.process(exchange);
            return null;
        } catch (Exception problem) {
            return why(problem);
        }
    }

    static String why(Throwable problem) {
        var text = new StringBuilder(String.valueOf(problem));
        for (Throwable cause = problem.getCause(); cause != null; cause = cause.getCause()) text.append("; ").append(cause);
        return text.toString();
    }
}
