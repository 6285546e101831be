"""Bodies decompressed within a bound."""

import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import Code
from aggregator.steps.fetch.errors import Trouble
from aggregator.steps.fetch.inflate import MAX_MEMBERS, Inflater
from tests.steps.fetch.fetch_server import gz, short

TEXT = b"<rss>" + bytes(range(256)) * 40 + b"</rss>"


def raw(data):
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(data) + coder.flush()


def inflate(encoding, data, *, piece=None, max_body=1_000_000):
    inflater = Inflater(encoding, max_body=max_body)
    step = piece or len(data) or 1
    for start in range(0, len(data), step):
        inflater.feed(data[start : start + step])
    return inflater.finish()


@pytest.mark.parametrize("piece", [None, 1, 7])
@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gz(TEXT)),
        ("X-GZIP", gz(TEXT)),
        ("identity, gzip", gz(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw(TEXT)),
        ("gzip", gz(TEXT[:900]) + gz(TEXT[900:])),
        ("gzip", gz(TEXT) + b"\0" * 500),
        ("gzip", gz(TEXT) + b"rubbish"),
        ("gzip", TEXT),
        ("deflate", TEXT),
        ("utf-8", TEXT),
        ("", gz(TEXT)),
        ("deflate", gz(TEXT)),
    ],
    ids=short,
)
def test_the_whole_body_comes_out_whatever_the_label(encoding, data, piece):
    """Labels lie; members follow one another; padding is no content."""
    assert inflate(encoding, data, piece=piece) == TEXT


@pytest.mark.parametrize(
    ("encoding", "data", "code"),
    [
        ("gzip", gz(TEXT)[:-9], Code.TRUNCATED),
        ("gzip", gz(TEXT)[:30], Code.TRUNCATED),
        ("gzip", gz(TEXT) + gz(TEXT)[:40], Code.TRUNCATED),
        ("deflate", zlib.compress(TEXT)[:-5], Code.TRUNCATED),
        ("deflate", raw(TEXT)[:-5], Code.TRUNCATED),
        ("gzip, gzip", gz(gz(TEXT)), Code.PROTOCOL),
        ("gzip", gz(gz(TEXT)), Code.PROTOCOL),
        ("br", b"\x1b\x03\x00\xf8\x21\x44\x05\x21", Code.PROTOCOL),
        ("zstd", b"\x28\xb5\x2f\xfd\x24\x00\x01\x00", Code.PROTOCOL),
        ("gzip", gz(b"") * (MAX_MEMBERS + 1), Code.PROTOCOL),
        ("gzip", gz(b"x" * 1_000_001), Code.TOO_LARGE),
        ("", b"x" * 1_000_001, Code.TOO_LARGE),
    ],
    ids=short,
)
def test_what_is_cut_stacked_foreign_or_too_large_is_an_error(encoding, data, code):
    with pytest.raises(Trouble) as caught:
        inflate(encoding, data)
    assert caught.value.code is code


def test_a_body_of_exactly_the_limit_passes():
    assert len(inflate("gzip", gz(b"x" * 1_000_000))) == 1_000_000


def test_damaged_data_is_zlibs_error():
    data = bytearray(gz(TEXT))
    data[60] ^= 0xFF
    with pytest.raises((zlib.error, Trouble)):
        inflate("gzip", bytes(data))


@given(st.sampled_from(["", "gzip", "deflate", "br", "gzip,gzip", "\xff"]), st.binary(max_size=300))
def test_no_bytes_break_it(encoding, data):
    """Anything ends in a body, a Trouble or zlib's own error."""
    with suppress(Trouble, zlib.error):
        assert isinstance(inflate(encoding, data, piece=5), bytes)
