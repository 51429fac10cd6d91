// An HTTPS server on JSSE. Arguments: PKCS12 PASSWORD ROOT.pem, then PORT MODE LOG of each listener.
// MODE is `want` or `need`. What happens to each connection is written to LOG, a line ending in `end`.

import java.io.FileInputStream;
import java.io.FileWriter;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

public class Server {
    public static void main(String[] args) throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(new FileInputStream(args[0]), args[1].toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(own, args[1].toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream root = new FileInputStream(args[2])) {
            trusted.setCertificateEntry("root", CertificateFactory.getInstance("X.509").generateCertificate(root));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        for (int i = 3; i + 2 < args.length; i += 3) {
            SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory()
                .createServerSocket(Integer.parseInt(args[i]), 50, InetAddress.getByName("127.0.0.1"));
            if (args[i + 1].equals("need")) listener.setNeedClientAuth(true);
            else listener.setWantClientAuth(true);
            PrintWriter log = new PrintWriter(new FileWriter(args[i + 2], true), true);
            new Thread(() -> serve(listener, log)).start();
        }
    }

    static void serve(SSLServerSocket listener, PrintWriter log) {
        while (true) {
            try {
                SSLSocket socket = (SSLSocket) listener.accept();
                new Thread(() -> answer(socket, log)).start();
            } catch (Exception error) {
                log.println("accept: " + error);
                return;
            }
        }
    }

    static void answer(SSLSocket socket, PrintWriter log) {
        try (socket) {
            socket.setSoTimeout(8000);
            socket.startHandshake();
            SSLSession session = socket.getSession();
            String peer;
            try {
                peer = ((X509Certificate) session.getPeerCertificates()[0]).getSubjectX500Principal().toString();
            } catch (SSLPeerUnverifiedException nobody) {
                peer = "nobody";
            }
            socket.getInputStream().read(new byte[8192]);
            byte[] body = ("peer=" + peer + "\n").getBytes();
            String head = "HTTP/1.1 200 OK\r\nContent-Length: " + body.length + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(head.getBytes());
            socket.getOutputStream().write(body);
            log.println("accepted peer=" + peer + " end");
        } catch (Exception error) {
            log.println("refused " + error + " end");
        }
    }
}
