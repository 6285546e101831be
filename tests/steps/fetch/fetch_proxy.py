"""A real proxy on loopback: CONNECT and absolute addresses, with credentials or TLS where a test wants them."""

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class LoopbackProxy:
    """Relays to where it is asked, or to `instead` where the name means nothing here; remembers every head."""

    credentials: bytes | None = None  # the value of Proxy-Authorization that is wanted
    context: object = None
    instead: tuple | None = None
    heads: list = field(default_factory=list)
    opened: list = field(default_factory=list)

    def __post_init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def url(self, userinfo=""):
        scheme = "https" if self.context else "http"
        return f"{scheme}://{userinfo}{'@' if userinfo else ''}127.0.0.1:{self.port}"

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            client.settimeout(20)
            stack.callback(client.close)
            if self.context is not None:
                client = stack.enter_context(self.context.wrap_socket(client, server_side=True))
            head = b""
            while b"\r\n\r\n" not in head and (data := client.recv(65536)):
                head += data
            self.heads.append(head)
            if self.credentials and b"proxy-authorization: " + self.credentials not in _small(head):
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                return
            method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
            parts = urlsplit(f"//{target}" if method == "CONNECT" else target)
            place = self.instead or (parts.hostname, parts.port or 80)
            self.opened.append((parts.hostname, parts.port))
            try:
                server = stack.enter_context(socket.create_connection(place, 5))
            except OSError:
                client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                return
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = parts.path + (f"?{parts.query}" if parts.query else "")
                lines = head.replace(target.encode(), path.encode(), 1).split(b"\r\n")
                server.sendall(b"\r\n".join(x for x in lines if not x.lower().startswith(b"proxy-")))
            other = threading.Thread(target=_relay, args=(client, server), daemon=True)
            other.start()
            _relay(server, client)
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            other.join(5)


def _small(head):
    return b"\r\n".join(
        name.lower() + b":" + value for name, _, value in (line.partition(b":") for line in head.split(b"\r\n"))
    )


def _relay(here, there):
    with contextlib.suppress(OSError):
        while data := here.recv(65536):
            there.sendall(data)
        there.shutdown(socket.SHUT_WR)
