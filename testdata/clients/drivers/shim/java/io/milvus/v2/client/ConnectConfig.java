package io.milvus.v2.client;

import java.net.URI;

/** A stand-in for the Java SDK's, with those of its options that bear on TLS. */
public class ConnectConfig {
    final URI uri;
    final String token, clientPemPath, clientKeyPath, caPemPath, serverPemPath, serverName;

    private ConnectConfig(ConnectConfigBuilder b) {
        uri = URI.create(b.uri);
        token = b.token;
        clientPemPath = b.clientPemPath;
        clientKeyPath = b.clientKeyPath;
        caPemPath = b.caPemPath;
        serverPemPath = b.serverPemPath;
        serverName = b.serverName;
    }

    public static ConnectConfigBuilder builder() {
        return new ConnectConfigBuilder();
    }

    public static class ConnectConfigBuilder {
        private String uri, token, clientPemPath, clientKeyPath, caPemPath, serverPemPath, serverName;

        public ConnectConfigBuilder uri(String value) {
            uri = value;
            return this;
        }

        public ConnectConfigBuilder token(String value) {
            token = value;
            return this;
        }

        public ConnectConfigBuilder clientPemPath(String value) {
            clientPemPath = value;
            return this;
        }

        public ConnectConfigBuilder clientKeyPath(String value) {
            clientKeyPath = value;
            return this;
        }

        public ConnectConfigBuilder caPemPath(String value) {
            caPemPath = value;
            return this;
        }

        public ConnectConfigBuilder serverPemPath(String value) {
            serverPemPath = value;
            return this;
        }

        public ConnectConfigBuilder serverName(String value) {
            serverName = value;
            return this;
        }

        public ConnectConfig build() {
            return new ConnectConfig(this);
        }
    }
}
