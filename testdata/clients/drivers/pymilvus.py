"""What pymilvus does with its certificate files, on the gRPC library that it stands on.

pymilvus hands the files to grpc.ssl_channel_credentials, and sets grpc.ssl_target_name_override where it is given a
server_name. Nothing else in it bears on TLS.
"""

import json
import signal
import ssl
import subprocess
import sys

import grpc

import jobs

SHOWN = "Fail connecting to server on {}:{}, illegal connection params or server unavailable"
CONNECT = "/milvus.proto.milvus.MilvusService/Connect"


def channel(job):
    options = [("grpc.use_local_subchannel_pool", 1)]  # no job may use the connection of another
    if job.get("serverName"):
        options.append(("grpc.ssl_target_name_override", job["serverName"]))
    certificate, key = (jobs.read(job[f]) if job.get(f) else None for f in ("cert", "key"))
    credentials = grpc.ssl_channel_credentials(jobs.read(job["root"]), key, certificate)
    return grpc.secure_channel(f"{job['host']}:{job['port']}", credentials, options)


def apart(job):
    """An empty file brings down the whole process of a user, so that one gets a process of its own."""
    files = [job[f] for f in ("cert", "key") if job.get(f)]
    if all(jobs.read(f) for f in files):
        return connect(job)
    command = [sys.executable, __file__, "--apart"]
    done = subprocess.run(command, input=json.dumps(job), capture_output=True, text=True, timeout=jobs.PATIENCE)
    if done.returncode < 0:
        return {"ok": False, "shown": signal.strsignal(-done.returncode), "cause": done.stderr.strip().split("] ")[-1].strip()}
    return json.loads(done.stdout)


def connect(job):
    with channel(job) as opened:
        try:
            # An empty message is a ConnectRequest too. Failing fast is what tells the reason; pymilvus waits in vain instead.
            opened.unary_unary(CONNECT)(b"", timeout=jobs.PATIENCE)
        except grpc.RpcError as error:
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
