"""Signatures of delivered bodies (W5, W14)."""

import pytest

from aggregator.steps.push import sign, verify

BODY = b"<feed>\xc3\xa9</feed>"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_w5_each_method_verifies_what_it_signed_and_nothing_else(method):
    """A body, a secret or a digest that differs in one place is refused."""
    header = sign("s3cret", BODY, method)
    assert header.startswith(f"{method}=")
    assert verify("s3cret", BODY, header)
    assert verify("s3cret", BODY, f" {header.upper()} ")
    assert not verify("s3creT", BODY, header)
    assert not verify("s3cret", BODY + b" ", header)
    assert not verify("s3cret", BODY, header[:-1] + ("0" if header[-1] != "0" else "1"))
    assert not verify("s3cret", BODY, header[:-2])


def test_the_default_method_is_that_of_rfc_4231s_vector():
    """HMAC-SHA-256, test case 2 of RFC 4231 §4.3."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign("Jefe", b"what do ya want for nothing?") == f"sha256={expected}"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        " ",
        "sha1=",
        "sha256=",
        "=",
        "sha1",
        "md5=d41d8cd98f00b204e9800998ecf8427e",
        "sha3_256=00",
        "sha256=zz",
    ],
)
def test_w5_what_is_no_signature_is_wrong(header):
    """Missing, empty, of another method or not hexadecimal."""
    assert not verify("s3cret", BODY, header)


def test_w5_a_digest_under_another_methods_name_is_wrong():
    digest = sign("s3cret", BODY, "sha256").partition("=")[2]
    assert not verify("s3cret", BODY, f"sha1={digest}")
    assert not verify("s3cret", BODY, "sha256=٣٣")  # digits, but not ASCII


def test_a_method_that_is_none_is_told():
    with pytest.raises(ValueError, match="sha1, sha256"):
        sign("s3cret", BODY, "md5")
