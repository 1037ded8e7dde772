package carnet.peer;

import java.util.Map;
import org.apache.camel.support.jsse.KeyManagersParameters;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.TrustManagersParameters;

/** The same certificate at both ends: as a gateway serves and calls. */
record Tls(String keyStore, String trustStore, String password) {
    Map<String, Object> ofServer() {
        return Map.of(
                "server.ssl.enabled", "true",
                "server.ssl.key-store", "file:" + keyStore,
                "server.ssl.key-store-type", "PKCS12",
                "server.ssl.key-store-password", password,
                "server.ssl.trust-store", "file:" + trustStore,
                "server.ssl.trust-store-type", "PKCS12",
                "server.ssl.trust-store-password", password,
                "server.ssl.client-auth", "need");
    }

    /** For answers to a wsa:ReplyTo, whose connections CXF makes by itself. */
    void ofAnswersElsewhere() {
        for (String which : new String[] {"keyStore", "trustStore"}) {
            System.setProperty("javax.net.ssl." + which, which.equals("keyStore") ? keyStore : trustStore);
            System.setProperty("javax.net.ssl." + which + "Type", "PKCS12");
            System.setProperty("javax.net.ssl." + which + "Password", password);
        }
    }

    SSLContextParameters ofClients() {
        var keys = new KeyManagersParameters();
        keys.setKeyStore(store(keyStore));
        keys.setKeyPassword(password);
        var trust = new TrustManagersParameters();
        trust.setKeyStore(store(trustStore));
        var parameters = new SSLContextParameters();
        parameters.setKeyManagers(keys);
        parameters.setTrustManagers(trust);
        return parameters;
    }

    private KeyStoreParameters store(String file) {
        var store = new KeyStoreParameters();
        store.setResource("file:" + file);
        store.setPassword(password);
        store.setType("PKCS12");
        return store;
    }
}
