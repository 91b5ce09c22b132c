"""Secrets in what others say back."""

import html
import json
import string
from urllib.parse import quote, quote_plus

import pytest

from wltui.core.redaction import HIDDEN, encode_text, hide_secrets, hide_secrets_in_bytes

ODD = "p/+=&<>\"'\\ %ü€😀{}[]()*.^$|?#" + string.ascii_letters + string.digits
TOKEN = "eyJhbGciOi/JIUzI1+NiJ9.eyJzdWIiOiI3In0=.c2ln"


@pytest.mark.parametrize("secret", [TOKEN, ODD, "sesame street", "a\x00\n\tb-and-more", "\udce4bc-no-utf8"])
@pytest.mark.parametrize(
    "spell",
    [
        str,
        lambda text: json.dumps(text)[1:-1],
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
        lambda text: "".join(f"\\u{unit:04X}" for unit in _units(text)),
        lambda text: json.dumps(json.dumps(text))[3:-3],
        lambda text: quote(encode_text(text), safe=""),
        lambda text: quote_plus(encode_text(text)),
        lambda text: "".join(f"%{byte:02x}" for byte in encode_text(text)),
        html.escape,
        lambda text: "".join(f"&#{ord(letter)};" for letter in text),
        lambda text: "".join(f"&#x{ord(letter):X};" for letter in text),
    ],
)
def test_a_secret_is_hidden_in_every_spelling(secret: str, spell) -> None:  # type: ignore[no-untyped-def]
    told = f'{{"before": "{spell(secret)}", "after": 1}}'
    assert hide_secrets(told, [secret]) == f'{{"before": "{HIDDEN}", "after": 1}}'


def test_what_is_no_secret_stays() -> None:
    told = b'{"a": "\\u00e4 100% sure &amp; \\"quoted\\" C:\\\\x", "b": "\xff\xfe"}'
    assert hide_secrets_in_bytes(told, ["", "sesame street"]) == told


def test_the_longer_of_two_secrets_is_hidden_whole() -> None:
    assert hide_secrets("abc-and-more abc", ["abc", "abc-and-more"]) == f"{HIDDEN} {HIDDEN}"


def _units(text: str) -> list[int]:
    """A text as the units of UTF-16 that JSON escapes."""
    data = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[start : start + 2]) for start in range(0, len(data), 2)]
