"""Content codings undone within a bound.

Only gzip and deflate are asked for, and only they are undone, one at a time: `gzip, gzip` turns 483 bytes into
200 MB. Labels lie, so the first bytes decide where they can. A cut stream is an error: zlib itself says nothing.
"""

from __future__ import annotations

import zlib
from io import BytesIO

from aggregator.errors import Code
from aggregator.steps.fetch.errors import Trouble

GZIP_MAGIC = b"\x1f\x8b"
MAX_MEMBERS = 1000  # a member costs 5 µs and at least 20 bytes: bounds the work that empty members can cause
PIECE = 1_000_000  # bytes undone at once
SNIFFED = 8  # bytes needed before the first decision

_PLAIN, _ZLIB, _RAW, _GZIP = 0, zlib.MAX_WBITS, -zlib.MAX_WBITS, zlib.MAX_WBITS | 16


class Inflater:
    """Collects one body, undoing its content coding."""

    def __init__(self, encoding: str, *, max_body: int) -> None:
        codings = [name for name in (part.strip().lower() for part in encoding.split(",")) if name]
        self._codings = [name for name in codings if name != "identity"]
        if len(self._codings) > 1:
            raise Trouble(Code.PROTOCOL, "the body is compressed more than once, which is refused")
        self._max_body = max_body
        self._head = b""
        self._bits: int | None = None
        self._decoder = zlib.decompressobj()
        self._members = 1
        self._over = False
        self._body = BytesIO()  # gives its bytes away without a copy

    @property
    def size(self) -> int:
        """Bytes of the body so far, after decompression."""
        return self._body.tell()

    def feed(self, data: bytes) -> None:
        """Take what came from the wire.

        Raises:
            Trouble: `too_large`, or `protocol` for a coding we did not ask for.
            zlib.error: damaged data.
        """
        if self._bits is None:
            self._head += data
            if len(self._head) < SNIFFED:
                return
            data = self._start()
        self._take(data)

    def finish(self) -> bytes:
        """The whole body.

        Raises:
            Trouble: `truncated`, or as `feed`.
        """
        if self._bits is None:
            self._take(self._start())
        if self._bits != _PLAIN:
            if not self._decoder.eof:
                raise Trouble(Code.TRUNCATED, "the compressed body ends too early")
            if self._body.getvalue().startswith(GZIP_MAGIC):
                raise Trouble(Code.PROTOCOL, "the body is compressed more than once, which is refused")
        return self._body.getvalue()

    def so_far(self) -> bytes:
        """What there is of the body, whole or not."""
        return self._body.getvalue()

    def close(self) -> None:
        """Let the memory go: whatever still refers to this, an error's traceback say, holds no body."""
        self._body = BytesIO()

    def _start(self) -> bytes:
        """Decide how to read, from the label and the first bytes, and give those back."""
        head, self._head = self._head, b""
        self._bits = _bits(self._codings[0] if self._codings else "", head)
        if self._bits != _PLAIN:
            self._decoder = zlib.decompressobj(self._bits)
        return head

    def _take(self, data: bytes) -> None:
        if self._bits == _PLAIN:
            self._write(data)
            return
        while data:
            if self._decoder.eof:
                # RFC 1952 §2.2: members follow one another. Padding and rubbish after the last are ignored.
                data = data.lstrip(b"\0")
                if not data:
                    return
                if self._over or self._bits != _GZIP or not data.startswith(GZIP_MAGIC[: len(data)]):
                    self._over = True
                    return
                self._next_member()
            self._inflate(data)
            data = self._decoder.unused_data

    def _inflate(self, data: bytes) -> None:
        """In pieces: a bomb gives 60 MB in one."""
        while True:
            # One byte more than there is room for: 0 would mean "without limit".
            piece = self._decoder.decompress(data, min(PIECE, self._max_body + 1 - self.size))
            self._write(piece)
            data = self._decoder.unconsumed_tail
            # A whole piece without a tail: zlib may hold more of it back.
            if not data and len(piece) < PIECE:
                return

    def _write(self, data: bytes) -> None:
        self._body.write(data)
        if self.size > self._max_body:
            self._too_large()

    def _next_member(self) -> None:
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise Trouble(Code.PROTOCOL, f"the compressed body has over {MAX_MEMBERS} parts")
        self._decoder = zlib.decompressobj(_GZIP)

    def _too_large(self) -> None:
        raise Trouble(Code.TOO_LARGE, f"the body is larger than fetch.max_body, {self._max_body} bytes")


def _bits(coding: str, head: bytes) -> int:
    """The window bits (zlib) for a label and the bytes it stands over; 0 for a plain body."""
    if head.startswith(GZIP_MAGIC):
        return _GZIP
    if coding in {"", "gzip", "x-gzip"} or _is_text(head) or not head:
        return _PLAIN
    if coding == "deflate":
        # RFC 9110 §8.4.1.2 means zlib's format; old servers send it bare.
        is_zlib = len(head) > 1 and head[0] & 0x0F == zlib.DEFLATED and int.from_bytes(head[:2], "big") % 31 == 0
        return _ZLIB if is_zlib else _RAW
    raise Trouble(Code.PROTOCOL, f"content-encoding {coding[:20]!r} was not asked for")


def _is_text(head: bytes) -> bool:
    """Whether this is a document after all: labels such as `Content-Encoding: utf-8` are seen in the wild."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith(
        (b"<?xm", b"<rss", b"<fee", b"<rdf", b"<RDF", b"<!DO", b"<!do", b"<htm", b"<HTM", b"<!--", b'{"')
    )
