"""ssl.create_default_context as Python 3.13 sets it up, whichever Python this is; with --urllib3, as urllib3 2 changes it."""

import http.client
import socket
import ssl
import sys

import jobs

COMMON_NAME = "--urllib3" not in sys.argv


def context(job):
    made = ssl.create_default_context(cafile=job.get("root"))
    made.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    made.hostname_checks_common_name = COMMON_NAME
    if job.get("tls12"):
        made.maximum_version = ssl.TLSVersion.TLSv1_2
    if job.get("cert"):
        made.load_cert_chain(job["cert"], job["key"])
    return made


class Connection(http.client.HTTPSConnection):
    """One that may want a certificate for another name than it dials."""

    def __init__(self, job):
        super().__init__(job["host"], job["port"], context=context(job), timeout=jobs.PATIENCE)
        self.name = job.get("serverName") or job["host"]

    def connect(self):
        raw = socket.create_connection((self.host, self.port), self.timeout)
        self.sock = self._context.wrap_socket(raw, server_hostname=self.name)


def connect(job):
    try:
        if job.get("plaintext"):
            connection = http.client.HTTPConnection(job["host"], job["port"], timeout=jobs.PATIENCE)
        else:
            connection = Connection(job)
        connection.request("GET", jobs.PATH)
        answer = connection.getresponse()
        text = answer.read().decode().strip()
        connection.close()
    except TimeoutError:
        raise
    except (OSError, http.client.HTTPException) as error:
        return {"ok": False, "shown": str(error)}
    return {"ok": True} if answer.status == 200 else {"ok": False, "shown": f"HTTP status {answer.status}: {text}"}


if sys.argv[1:] == ["--version"]:
    print(f"Python {sys.version.split()[0]}, {ssl.OPENSSL_VERSION}")
else:
    jobs.run(connect)
