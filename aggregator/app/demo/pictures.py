"""Pictures and sounds, drawn from an article's name: no file has to be shipped."""

from __future__ import annotations

import io
import math
import struct
import wave
import zlib
from hashlib import sha256

WIDTH, HEIGHT = 320, 180
RATE = 8_000  # samples a second, one byte each

TYPES = {"svg": "image/svg+xml", "png": "image/png", "wav": "audio/wav"}


def draw(kind: str, name: str, seconds: int = 1) -> bytes:
    """The file of that kind; the same name gives the same bytes."""
    match kind:
        case "svg":
            return _svg(name)
        case "png":
            return _png(name)
        case "wav":
            return _wav(name, seconds)
        case other:
            raise ValueError(f"no picture or sound of kind {other!r}")


def _svg(name: str) -> bytes:
    """A sun over three waves."""
    sky, sun, place, height, *waves = sha256(name.encode()).digest()[:7]
    hue = 180 + sky % 60
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="hsl({hue} 60% 82%)"/>',
        f'<circle cx="{40 + place % 240}" cy="{30 + height % 60}" r="22" fill="hsl({20 + sun % 40} 90% 60%)"/>',
    ]
    for number, wave_byte in enumerate(waves):
        top = 100 + 25 * number
        swell = 6 + wave_byte % 12
        lines.append(
            f'<path d="M0 {top} q40 {-swell} 80 0 t80 0 t80 0 t80 0 V{HEIGHT} H0 Z" '
            f'fill="hsl({hue + 10} 55% {60 - 14 * number}%)"/>'
        )
    return "\n".join([*lines, "</svg>", ""]).encode()


def _png(name: str) -> bytes:
    """Dusk: a gradient between two colours (PNG, RFC 2083; colour type 2, 8 bits)."""
    top, bottom = sha256(name.encode()).digest()[:3], sha256(name[::-1].encode()).digest()[:3]
    rows = bytearray()
    for line in range(HEIGHT):
        mix = [a + (b - a) * line // HEIGHT for a, b in zip(top, bottom, strict=True)]
        rows += b"\0" + bytes(mix) * WIDTH
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _wav(name: str, seconds: int) -> bytes:
    """A fog horn, its pitch by the name."""
    pitch = 90 + sha256(name.encode()).digest()[0] % 60
    count = RATE * seconds
    samples = bytes(
        128 + round(60 * math.sin(2 * math.pi * pitch * step / RATE) * math.sin(math.pi * step / count))
        for step in range(count)
    )
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(RATE)
        sound.writeframes(samples)
    return out.getvalue()
