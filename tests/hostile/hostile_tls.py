"""TLS that must not be believed, and one that must: the same authority signs both."""

import contextlib
import ssl
import subprocess
import warnings

from tests.hostile.hostile_network import ONE, Row
from tests.steps.fetch.fetch_server import Server, answer

HERE = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def _openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """A certificate authority in a folder. `file` is what the program is told to trust."""

    def __init__(self, folder):
        self._folder = folder
        self.file, self._key = folder / "authority.pem", folder / "authority.key"
        self._signed_by_itself(self.file, self._key, "/CN=Authority")

    @staticmethod
    def _signed_by_itself(certificate, key, subject, *more):
        new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 2]
        _openssl(*new, "-subj", subject, *more, "-keyout", key, "-out", certificate)

    def certificate(self, name, *, days=2, alternative=HERE, signed=True):
        """A context of a server that shows a certificate, valid for `days` from now."""
        certificate, key, request = (self._folder / f"{name}.{end}" for end in ("pem", "key", "csr"))
        if signed:
            extension = self._folder / f"{name}.ext"
            extension.write_text(alternative)
            pair = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
            _openssl("req", *pair, "-subj", "/CN=x", "-keyout", key, "-out", request)
            by = ["-CA", self.file, "-CAkey", self._key, "-CAcreateserial"]
            _openssl("x509", "-req", "-in", request, *by, "-days", days, "-extfile", extension, "-out", certificate)
        else:
            self._signed_by_itself(certificate, key, "/CN=localhost", "-addext", alternative)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context


def _outdated(context):
    """It speaks TLS 1.1 at most."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context


def _asking(context, authority):
    """It wants a certificate of its clients, and takes TLS 1.2 so that its refusal is part of the handshake."""
    context.load_verify_locations(authority.file)
    context.verify_mode, context.maximum_version = ssl.CERT_REQUIRED, ssl.TLSVersion.TLSv1_2
    return context


class Servers:
    """One server for each kind of TLS; `rows` are their sources."""

    def __init__(self, folder):
        authority = Authority(folder)
        self.trusted = authority.file
        kinds = {
            "good": (authority.certificate("good"), None),
            "expired": (authority.certificate("expired", days=-1), "tls"),
            "wrong-host": (authority.certificate("wrong", alternative="subjectAltName=DNS:other.example"), "tls"),
            "self-signed": (authority.certificate("self", signed=False), "tls"),
            "outdated": (_outdated(authority.certificate("outdated")), "tls"),
            "wants-a-certificate": (_asking(authority.certificate("asking"), authority), "tls"),
        }
        with contextlib.ExitStack() as stack:
            servers = {
                name: stack.enter_context(contextlib.closing(Server(context=c))) for name, (c, _) in kinds.items()
            }
            self.close = stack.pop_all().close
        for server in servers.values():
            server.routes["/"] = answer("200 OK", body=ONE)
        self.ports = [server.port for server in servers.values()]
        self.asked = {name: server.asked for name, server in servers.items()}
        self.rows = [
            Row(
                name=f"tls-{name}",
                url=servers[name].url("/", scheme="https"),
                code=code,
                titles=None if code else ("one",),
            )
            for name, (_, code) in kinds.items()
        ]
