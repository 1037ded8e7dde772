package carnet.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.openehealth.ipf.commons.audit.AuditContext;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/**
 * IPF's servers on one port, and IPF's clients at the word of whoever started it: a line of JSON in, a line of JSON out,
 * until standard input ends. Arguments: port, key store, trust store, password of both.
 */
@SpringBootApplication(excludeName = "org.openehealth.ipf.boot.atna.IpfAtnaAutoConfiguration")
public class Partner {
    static final ObjectMapper JSON = new ObjectMapper();
    private static Tls tls;

    public static void main(String[] args) throws Exception {
        tls = new Tls(args[1], args[2], args[3]);
        tls.ofAnswersElsewhere();
        // One connection for each request: whoever ends is never waited for.
        System.setProperty("org.apache.cxf.transport.http.forceURLConnection", "true");
        Map<String, Object> settings = new HashMap<>(Map.of(
                "server.port", args[0],
                "server.address", "127.0.0.1",
                "spring.application.name", "ipf-partner",
                "spring.main.banner-mode", "off",
                "spring.jmx.enabled", "false",
                "cxf.path", "/services",
                "camel.main.jmx-enabled", "false"));
        settings.putAll(tls.ofServer());
        SpringApplication application = new SpringApplication(Partner.class);
        application.setDefaultProperties(settings);
        var context = application.run();
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.println("READY");
        var asks = context.getBean(Asks.class);
        var answers = context.getBean(Answers.class);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(JSON.writeValueAsString(obeyed(JSON.readTree(line), asks, answers)));
        }
        System.exit(0);
    }

    private static ObjectNode obeyed(JsonNode command, Asks asks, Answers answers) {
        try {
            return switch (command.path("do").asText()) {
                case "send" -> asks.hl7(command);
                case "query" -> asks.query(command);
                case "fetch" -> asks.fetch(command);
                case "provide" -> asks.provide(command);
                case "retrieve" -> asks.retrieve(command);
                case "answer" -> answers.answer(command);
                case "hold" -> answers.hold(command);
                case "heard" -> answers.heard();
                default -> throw new IllegalArgumentException("there is no command " + command);
            };
        } catch (Exception problem) {
            return JSON.createObjectNode().put("failure", Judge.why(problem));
        }
    }

    @Bean
    AuditContext auditContext() {
        return AuditContext.noAudit();
    }

    @Bean("tls")
    SSLContextParameters ofClients() {
        return tls.ofClients();
    }
}
