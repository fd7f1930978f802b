"""A stand-in for pymilvus: a MilvusClient that does with grpcio what the real one does with its arguments.

As in pymilvus/client/grpc_handler.py and connection_manager.py: files count where the connection is secure, and
server_pem_path goes before the other three. Unlike there, an argument that pymilvus does not know is an error.
"""

import base64
from urllib.parse import urlparse

import grpc

SERVICE = "/milvus.proto.milvus.MilvusService/"
PATIENCE = 10  # seconds, as pymilvus has it


class MilvusException(Exception):
    def __init__(self, code, message):
        super().__init__(f"<MilvusException: (code={code}, message={message})>")


def read(path):
    with open(path, "rb") as file:
        return file.read()


class MilvusClient:
    def __init__(self, uri="http://localhost:19530", user="", password="", db_name="", token="", timeout=None, *,
                 secure=None, server_pem_path="", client_pem_path="", client_key_path="", ca_pem_path="", server_name=""):
        parsed = urlparse(uri)
        self._address = parsed.netloc
        token = token or (f"{user}:{password}" if user and password else "")
        self._metadata = [("authorization", base64.b64encode(token.encode()).decode())] if token else []
        if secure is None:
            secure = parsed.scheme == "https"
        if not isinstance(secure, bool):
            raise MilvusException(1, "secure must be bool type")
        if not secure:
            self._channel = grpc.insecure_channel(self._address)
        else:
            options = [("grpc.ssl_target_name_override", server_name)] if server_name else []
            root = key = certificate = None
            if server_pem_path:
                root = read(server_pem_path)
            elif client_pem_path and client_key_path and ca_pem_path:
                root, key, certificate = read(ca_pem_path), read(client_key_path), read(client_pem_path)
            self._channel = grpc.secure_channel(self._address, grpc.ssl_channel_credentials(root, key, certificate), options)
        self._connect()

    def _connect(self):
        try:
            grpc.channel_ready_future(self._channel).result(timeout=PATIENCE)
        except grpc.FutureTimeoutError as error:
            raise MilvusException(
                2, f"Fail connecting to server on {self._address}, illegal connection params or server unavailable") from error
        self._call("Connect")

    def _call(self, method):
        return self._channel.unary_unary(SERVICE + method)(b"", metadata=self._metadata, timeout=PATIENCE)

    def list_collections(self):
        self._call("ShowCollections")
        return []  # the stub has none

    def close(self):
        self._channel.close()
