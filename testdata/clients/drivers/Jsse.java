import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** An SSLSocket that checks the server's name as HTTPS does: what the Java SDK, which has gRPC do it, comes down to. */
class Jsse {
    static final int AT_ONCE = 8;
    static final int PATIENCE = 60_000; // milliseconds, far more than a connection takes on a busy machine
    static final int HANG_UPS = 50;
    static final String REQUEST = "GET /v2/vectordb/collections/list HTTP/1.0\r\n\r\n";
    static final char[] NO_PASSWORD = {};

    public static void main(String[] args) throws Exception {
        if (args.length == 1 && args[0].equals("--version")) {
            System.out.println(System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
            return;
        }
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null; ) {
            Job job = new Job(line);
            pool.submit(() -> answer(job));
        }
        pool.shutdown();
        pool.awaitTermination(1, TimeUnit.HOURS);
    }

    /** Prints nothing where there was no time: the caller misses the answer then. */
    static void answer(Job job) {
        String outcome = "\"ok\":true";
        List<String> hangUps = new ArrayList<>();
        try {
            connectOrHearWhy(job, hangUps);
        } catch (SocketTimeoutException e) {
            System.err.println(job.host + ":" + job.port + ": " + e);
            return;
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            outcome = "\"ok\":false,\"shown\":" + quote(e.toString());
        }
        if (!hangUps.isEmpty()) {
            outcome += ",\"also\":[" + quote(hangUps.get(0)) + "]";
        }
        System.out.println("{\"id\":" + job.id + "," + outcome + "}");
    }

    /**
     * Tries again where the server hung up: Milvus does so at the sight of a client certificate that it refuses, and JSSE
     * mostly is about to write the rest of its handshake then, and does not get to read the alert. So it writes all of it at
     * once the next time. A port that is closed hangs up in another way.
     */
    static void connectOrHearWhy(Job job, List<String> hangUps) throws IOException, GeneralSecurityException {
        for (int left = HANG_UPS; ; left--) {
            try {
                connect(job, hangUps.isEmpty() ? new Socket() : new GatheringSocket());
                return;
            } catch (ConnectException e) {
                throw e;
            } catch (SocketException e) {
                if (left == 0) {
                    throw e;
                }
                hangUps.add(e.toString());
            }
        }
    }

    static void connect(Job job, Socket unconnected) throws IOException, GeneralSecurityException {
        try (Socket raw = unconnected) {
            raw.connect(new InetSocketAddress(job.host, job.port), PATIENCE);
            raw.setSoTimeout(PATIENCE);
            SSLSocket socket = (SSLSocket) context(job).getSocketFactory().createSocket(raw, job.name, job.port, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            if (job.tls12) {
                parameters.setProtocols(new String[] {"TLSv1.2"});
            }
            socket.setSSLParameters(parameters);
            socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
            String status = new BufferedReader(new InputStreamReader(socket.getInputStream())).readLine();
            if (status == null || !status.contains(" 200 ")) {
                throw new IOException("answer: " + status);
            }
        }
    }

    static SSLContext context(Job job) throws IOException, GeneralSecurityException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(job.root == null ? null : roots(job.root));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(job.cert == null ? null : keyManagers(job), trust.getTrustManagers(), null);
        return context;
    }

    static KeyStore roots(String file) throws IOException, GeneralSecurityException {
        KeyStore roots = emptyStore();
        for (Certificate c : certificates(file)) {
            roots.setCertificateEntry(String.valueOf(roots.size()), c);
        }
        return roots;
    }

    static KeyManager[] keyManagers(Job job) throws IOException, GeneralSecurityException {
        Certificate[] chain = certificates(job.cert);
        KeyStore store = emptyStore();
        store.setKeyEntry("client", key(job.key, chain[0].getPublicKey().getAlgorithm()), NO_PASSWORD, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, NO_PASSWORD);
        return store;
    }

    static Certificate[] certificates(String file) throws IOException, GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<Certificate> found = new ArrayList<>();
        for (byte[] der : blocks(file, "CERTIFICATE")) {
            found.add(factory.generateCertificate(new ByteArrayInputStream(der)));
        }
        if (found.isEmpty()) {
            throw new CertificateException("found no certificates in input stream");
        }
        return found.toArray(new Certificate[0]);
    }

    /** PKCS#8 without a pass phrase is all that Netty reads. */
    static PrivateKey key(String file, String algorithm) throws IOException, GeneralSecurityException {
        List<byte[]> found = blocks(file, "PRIVATE\\s+KEY");
        if (found.isEmpty()) {
            throw new KeyException("could not find a PKCS #8 private key in input stream");
        }
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(found.get(0)));
    }

    /**
     * Finds PEM blocks as Netty does, which reads the files for gRPC: any label that has the word, and the first run of base64
     * that follows, whatever else is in the block.
     */
    static List<byte[]> blocks(String file, String word) throws IOException {
        String text = new String(Files.readAllBytes(Path.of(file)), StandardCharsets.US_ASCII);
        String label = "\\s[^-\\r\\n]*" + word + "[^-\\r\\n]*-+";
        Matcher m = Pattern.compile("-+BEGIN" + label + "\\s+.*?([A-Za-z0-9+/=][A-Za-z0-9+/=\\r\\n]*).*?-+END" + label, Pattern.DOTALL).matcher(text);
        List<byte[]> found = new ArrayList<>();
        while (m.find()) {
            found.add(Base64.getMimeDecoder().decode(m.group(1)));
        }
        return found;
    }

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            quoted.append(c == '"' || c == '\\' || c < ' ' || c > '~' ? String.format("\\u%04x", (int) c) : c);
        }
        return quoted.append('"').toString();
    }

    /** A socket that keeps what is written until something is read. */
    static class GatheringSocket extends Socket {
        private final ByteArrayOutputStream written = new ByteArrayOutputStream();

        @Override
        public OutputStream getOutputStream() {
            return written;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    written.writeTo(GatheringSocket.super.getOutputStream());
                    written.reset();
                    return super.read(buffer, offset, length);
                }
            };
        }
    }

    /** One line of input: an object of numbers and strings, flat, so that no JSON library is needed. */
    static class Job {
        final int id, port;
        final String host, name, root, cert, key;
        final boolean tls12;

        Job(String line) {
            id = Integer.parseInt(field(line, "id"));
            port = Integer.parseInt(field(line, "port"));
            host = field(line, "host");
            String serverName = field(line, "serverName");
            name = serverName == null ? host : serverName;
            root = field(line, "root");
            cert = field(line, "cert");
            key = field(line, "key");
            tls12 = line.contains("\"tls12\":true");
        }

        static String field(String line, String name) {
            Matcher m = Pattern.compile("\"" + name + "\":(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(\\d+))").matcher(line);
            return !m.find() ? null : m.group(1) != null ? unquote(m.group(1)) : m.group(2);
        }

        /** Of the escapes, encoding/json writes those of a path: a character itself, or its number. */
        static String unquote(String quoted) {
            return Pattern.compile("\\\\(?:u(\\p{XDigit}{4})|(.))").matcher(quoted).replaceAll(m -> Matcher.quoteReplacement(
                    m.group(1) == null ? m.group(2) : String.valueOf((char) Integer.parseInt(m.group(1), 16))));
        }
    }
}
