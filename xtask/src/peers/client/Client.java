// An HTTPS client on JSSE. Each line of its input is a call: PORT PATH VERSION PKCS12, divided by tabs, the last `-` for
// none. Each call is answered with one line: `asked` or `not asked`, what was chosen, and the status or the error.
// Arguments: ROOT.pem PASSWORD.

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;

public class Client {
    public static void main(String[] args) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream root = new FileInputStream(args[0])) {
            trusted.setCertificateEntry("root", CertificateFactory.getInstance("X.509").generateCertificate(root));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        BufferedReader calls = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = calls.readLine()) != null; ) {
            System.out.println(call(line.split("\t"), trust, args[1].toCharArray()));
        }
    }

    static String call(String[] call, TrustManagerFactory trust, char[] password) {
        Heard heard = new Heard();
        try {
            KeyStore own = KeyStore.getInstance("PKCS12");
            if (call[3].equals("-")) own.load(null, null);
            else own.load(new FileInputStream(call[3]), password);
            KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
            keys.init(own, password);
            heard.keys = (X509ExtendedKeyManager) keys.getKeyManagers()[0];
        } catch (Exception error) {
            return oneLine("not tried " + error);
        }
        try {
            // A context of its own: nothing is resumed.
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {heard}, trust.getTrustManagers(), null);
            SSLParameters parameters = context.getDefaultSSLParameters();
            parameters.setProtocols(new String[] {"TLSv" + call[2]});
            HttpClient client = HttpClient.newBuilder().sslContext(context).sslParameters(parameters)
                .version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + call[0] + call[1]))
                .header("Connection", "close").timeout(Duration.ofSeconds(10)).build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return oneLine(heard + " status " + response.statusCode());
        } catch (Exception error) {
            return oneLine(heard + " error " + error);
        }
    }

    static String oneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }

    // A key manager that remembers whether it was asked, which is whether the server asked.
    static class Heard extends X509ExtendedKeyManager {
        X509ExtendedKeyManager keys;
        volatile boolean asked;
        volatile String chosen;

        public String toString() {
            return asked ? "asked chose " + (chosen == null ? "nothing" : "a certificate") : "not asked";
        }

        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            asked = true;
            String alias = keys.chooseEngineClientAlias(types, issuers, engine);
            if (alias != null) chosen = alias;
            return alias;
        }

        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            asked = true;
            String alias = keys.chooseClientAlias(types, issuers, socket);
            if (alias != null) chosen = alias;
            return alias;
        }

        public String[] getClientAliases(String type, Principal[] issuers) {
            return keys.getClientAliases(type, issuers);
        }

        public String[] getServerAliases(String type, Principal[] issuers) {
            return keys.getServerAliases(type, issuers);
        }

        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return keys.chooseServerAlias(type, issuers, socket);
        }

        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        public PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }
}
