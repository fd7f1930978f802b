"""What pymilvus does with its certificate files, on the gRPC library that it stands on.

pymilvus hands the files to grpc.ssl_channel_credentials, and sets grpc.ssl_target_name_override where it is given a
server_name. Nothing else in it bears on TLS.
"""

import base64
import json
import signal
import ssl
import subprocess
import sys

import grpc

import jobs

SHOWN = "Fail connecting to server on {}:{}, illegal connection params or server unavailable"
CONNECT = "/milvus.proto.milvus.MilvusService/Connect"


def heeded(job):
    """The job that is left of pymilvus's arguments: Connections.connect and GrpcHandler._setup_grpc_channel of pymilvus 2.6."""
    given = job["arguments"]
    if not given.get("secure") and not given["uri"].startswith("https:"):
        return {**job, "plaintext": True}
    if given.get("server_pem_path"):
        return {**job, "root": given["server_pem_path"]}
    files = [given.get(f) for f in ("ca_pem_path", "client_pem_path", "client_key_path")]
    return {**job, **dict(zip(("root", "cert", "key"), files))} if all(files) else job


def channel(job):
    address = f"{job['host']}:{job['port']}"
    options = [("grpc.use_local_subchannel_pool", 1)]  # no job may use the connection of another
    if job.get("serverName"):
        options.append(("grpc.ssl_target_name_override", job["serverName"]))
    if job.get("plaintext"):
        return grpc.insecure_channel(address, options)
    root, key, certificate = (jobs.read(job[f]) if job.get(f) else None for f in ("root", "key", "cert"))
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(root, key, certificate), options)


def user(job):
    """The header of interceptor.py."""
    name = job.get("user")
    return [("authorization", base64.b64encode(name.encode()))] if name else []


def apart(job):
    """An empty file brings down the whole process of a user, so that one gets a process of its own; so does a log."""
    if "arguments" in job:
        job = heeded(job)
    files = [job[f] for f in ("cert", "key") if job.get(f)]
    if all(jobs.read(f) for f in files) and not job.get("told"):
        return connect(job)
    command = [sys.executable, __file__, "--apart"]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, timeout=jobs.PATIENCE)
    if done.returncode < 0:
        return {"ok": False, "shown": signal.strsignal(-done.returncode), "cause": done.stderr.strip().split("] ")[-1].strip()}
    log = [line.split("] ", 1)[-1].strip() for line in done.stderr.splitlines()]
    return {**json.loads(done.stdout), "also": sorted(set(log))}


def connect(job):
    with channel(job) as opened:
        try:
            # An empty message is a ConnectRequest too. Failing fast is what tells the reason; pymilvus waits in vain instead.
            opened.unary_unary(CONNECT)(b"", timeout=jobs.PATIENCE, metadata=user(job))
        except grpc.RpcError as error:
            if error.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNIMPLEMENTED):
                return {"ok": False, "shown": error.details()}
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
            return {"ok": False, "shown": SHOWN.format(job["host"], job["port"]), "cause": error.details()}
    return {"ok": True}


if sys.argv[1:] == ["--version"]:
    print(f"grpcio {grpc.__version__}, {ssl.OPENSSL_VERSION}")
elif sys.argv[1:] == ["--apart"]:
    jobs.run(connect)
else:
    jobs.run(apart)
