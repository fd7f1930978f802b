package io.milvus.v2.client;

import io.milvus.v2.service.collection.response.ListCollectionsResp;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A stand-in for the Java SDK's client: JSSE, given the files as io/milvus/v2/utils/ClientUtils.java gives them to gRPC,
 * speaking with the REST interface. serverPemPath goes before the other three, and wants serverName.
 */
public class MilvusClientV2 {
    private static final char[] NO_PASSWORD = {};
    private static final int PATIENCE = 60_000; // milliseconds, far more than a connection takes on a busy machine

    private final ConnectConfig config;

    public MilvusClientV2(ConnectConfig config) {
        this.config = config;
        listCollections();
    }

    public ListCollectionsResp listCollections() {
        try (Socket raw = new Socket(config.uri.getHost(), config.uri.getPort())) {
            raw.setSoTimeout(PATIENCE);
            SSLSocket socket = (SSLSocket) context().getSocketFactory().createSocket(raw, name(), config.uri.getPort(), true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            String request = "GET /v2/vectordb/collections/list HTTP/1.1\r\nHost: milvus\r\nConnection: close\r\n"
                    + (config.token == null ? "" : "Authorization: Bearer " + config.token + "\r\n") + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String status = new BufferedReader(new InputStreamReader(socket.getInputStream())).readLine();
            if (status != null && status.contains(" 401 ")) {
                throw new IllegalStateException("UNAUTHENTICATED: " + status);
            }
            if (status == null || !status.contains(" 200 ")) {
                throw new IOException("answer: " + status);
            }
            return new ListCollectionsResp(List.of());
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("DEADLINE_EXCEEDED", e);
        }
    }

    public void close(long maxWaitSeconds) throws InterruptedException {
    }

    private String name() {
        if (config.serverPemPath != null) {
            return Objects.requireNonNull(config.serverName, "authority");
        }
        return config.serverName != null ? config.serverName : config.uri.getHost();
    }

    private SSLContext context() throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        if (config.serverPemPath != null) {
            context.init(null, trust(config.serverPemPath).getTrustManagers(), null);
        } else if (config.clientPemPath != null && config.clientKeyPath != null && config.caPemPath != null) {
            context.init(keyManagers(), trust(config.caPemPath).getTrustManagers(), null);
        } else {
            throw new IOException("plaintext");
        }
        return context;
    }

    private static TrustManagerFactory trust(String file) throws IOException, GeneralSecurityException {
        KeyStore roots = emptyStore();
        for (Certificate c : certificates(file)) {
            roots.setCertificateEntry(String.valueOf(roots.size()), c);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(roots);
        return factory;
    }

    private KeyManager[] keyManagers() throws IOException, GeneralSecurityException {
        Certificate[] chain = certificates(config.clientPemPath);
        String pem = new String(Files.readAllBytes(Path.of(config.clientKeyPath)), StandardCharsets.US_ASCII);
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        KeyStore store = emptyStore();
        store.setKeyEntry("client", KeyFactory.getInstance(chain[0].getPublicKey().getAlgorithm())
                .generatePrivate(new PKCS8EncodedKeySpec(der)), NO_PASSWORD, chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, NO_PASSWORD);
        return store;
    }

    private static Certificate[] certificates(String file) throws IOException, GeneralSecurityException {
        try (InputStream in = new FileInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in).toArray(new Certificate[0]);
        }
    }
}
