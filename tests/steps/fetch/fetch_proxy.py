"""Real proxies on loopback: CONNECT and absolute addresses, or SOCKS 5; with credentials or TLS where a test wants."""

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


@dataclass
class LoopbackSocks(LoopbackProxy):
    """The same by SOCKS 5 (RFC 1928): connects to `instead`, where that is given; `opened` is what it was told.

    `credentials` are (user, password) that are wanted; `replies` are its codes, by what it is told, or its own bytes.
    """

    replies: dict = field(default_factory=dict)
    raw: bytes | None = None  # said instead of everything

    def url(self, userinfo="", scheme="socks5h"):
        return f"{scheme}://{userinfo}{'@' if userinfo else ''}127.0.0.1:{self.port}"

    def _serve(self, client):
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            client.settimeout(20)
            stack.callback(client.close)
            _, count = _exactly(client, 2)
            methods = _exactly(client, count)
            self.heads.append(methods)
            if self.raw is not None:
                client.sendall(self.raw)
                return
            wanted = 2 if self.credentials else 0
            if wanted not in methods:
                client.sendall(b"\x05\xff")
                return
            client.sendall(bytes([5, wanted]))
            if wanted:
                user = _exactly(client, _exactly(client, 2)[1])
                password = _exactly(client, _exactly(client, 1)[0])
                client.sendall(bytes([1, (user, password) != self.credentials]))
                if (user, password) != self.credentials:
                    return
            kind = _exactly(client, 4)[3]
            length = {1: 4, 4: 16}.get(kind) or _exactly(client, 1)[0]
            told = _exactly(client, length)
            told = told.decode() if kind == 3 else socket.inet_ntop({1: 2, 4: 10}[kind], told)
            port = int.from_bytes(_exactly(client, 2), "big")
            self.opened.append((told, port))
            reply = self.replies.get(told, 0)
            client.sendall(bytes([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]))
            if reply:
                return
            server = stack.enter_context(socket.create_connection(self.instead or (told, port), 5))
            other = threading.Thread(target=_relay, args=(client, server), daemon=True)
            other.start()
            _relay(server, client)
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            other.join(5)


def _exactly(client, count):
    data = b""
    while len(data) < count:
        more = client.recv(count - len(data))
        if not more:
            raise ConnectionError("hung up")
        data += more
    return data


def _small(head):
    return b"\r\n".join(
        name.lower() + b":" + value for name, _, value in (line.partition(b":") for line in head.split(b"\r\n"))
    )


def _relay(here, there):
    with contextlib.suppress(OSError):
        while data := here.recv(65536):
            there.sendall(data)
        there.shutdown(socket.SHUT_WR)
