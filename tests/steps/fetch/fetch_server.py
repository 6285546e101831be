"""A loopback server that says exactly what a test wants, byte for byte, and remembers what it was asked."""

import contextlib
import gzip
import socket
import struct
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Asked:
    """One request as it came: the head's bytes, and when (monotonic)."""

    head: bytes
    at: float
    ended: float = 0.0

    @property
    def path(self):
        return self.head.split(b" ")[1].decode()

    def header(self, name):
        """The value's bytes, or None."""
        prefix = name.lower().encode() + b":"
        for line in self.head.split(b"\r\n")[1:]:
            if line.lower().startswith(prefix):
                return line[len(prefix) :].strip()
        return None


def answer(status="200 OK", *headers, body=b"", length=True):
    """A plain answer. `headers` are raw lines."""
    lines = [b"HTTP/1.1 " + status.encode(), *(h if isinstance(h, bytes) else h.encode() for h in headers)]
    if length:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@dataclass
class Server:
    """Answers by path: bytes, or a function of (socket, Asked). Unknown paths get 404."""

    routes: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    context: object = None
    family: int = socket.AF_INET
    address: str = "127.0.0.1"
    open_now: int = 0
    most_open: int = 0

    def __post_init__(self):
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._listener = socket.socket(self.family, socket.SOCK_STREAM)
        self._listener.bind((self.address, 0))
        self._listener.listen(256)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def url(self, path="/", host=None, scheme="http"):
        return f"{scheme}://{host or self.address}:{self.port}{path}"

    def paths(self):
        return [asked.path for asked in self.asked]

    def wait(self, seconds):
        """Sleep inside a handler; ends with the server."""
        return self._stopping.wait(seconds)

    def close(self):
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.settimeout(20)
            if self.context is not None:
                connection = self.context.wrap_socket(connection, server_side=True)
            asked = Asked(self._head(connection), time.monotonic())
            if not asked.head:
                return
            with self._lock:
                self.asked.append(asked)
            reply = self.routes.get(asked.path.split("?")[0], answer("404 Not Found"))
            if callable(reply):
                reply = self._handle(reply, connection, asked)
            if reply:
                connection.sendall(reply)
            asked.ended = time.monotonic()
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
                connection.settimeout(2)
                connection.recv(1)
        except OSError:
            pass
        finally:
            connection.close()

    def _handle(self, handler, connection, asked):
        """Counts requests that have come and are not answered: the client cannot take one of them for ended."""
        with self._lock:
            self.open_now += 1
            self.most_open = max(self.most_open, self.open_now)
        try:
            return handler(connection, asked)
        finally:
            with self._lock:
                self.open_now -= 1

    @staticmethod
    def _head(connection):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            data = connection.recv(65536)
            if not data:
                return b""
            head += data
        return head


def reset(connection):
    """Close with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def gz(data, level=9):
    """The same bytes every time: gzip would write the hour into them, and into the names of tests."""
    return gzip.compress(data, level, mtime=0)


def short(value):
    """A test's name from a value that may be a megabyte."""
    return ascii(value[:40])[2:-1] if isinstance(value, bytes) else None
