"""The proxy variables, read as curl and Go read them; most cases are from the tests and the manuals of these two."""

import pytest

from wltui.core.errors import UsageError
from wltui.core.proxies import (
    check_proxy,
    format_proxy,
    is_excluded,
    proxy_for,
)
from wltui.core.settings import Secret, is_loopback, proxy_password

GO = (
    "foobar.com, .barbaz.net, *.wildcard.io, 192.168.1.1, 192.168.1.2:81, 192.168.1.3:80, 10.0.0.0/30, "
    "2001:db8::52:0:1, [2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64"
)
"""The list that golang.org/x/net/http/httpproxy is tested with."""


@pytest.mark.parametrize(
    ("host", "direct"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("[::1]", True),
        ("[::2]", False),
        ("192.168.1.1", True),
        ("192.168.1.2", False),
        ("192.168.1.3", True),
        ("192.168.1.4", False),
        ("10.0.0.2", True),
        ("10.0.0.4", False),
        ("[2001:db8::52:0:1]", True),
        ("[2001:db8::52:0:2]", False),
        ("[2001:db8::52:0:3]", True),
        ("[2002:db8:a::123]", True),
        ("[fe80::424b:c8be:1643:a1b6]", False),
        ("www.barbaz.net", True),
        ("foobar.com", True),
        ("www.foobar.com", True),
        ("foofoobar.com", False),
        ("baz.com", False),
        ("localhost.net", False),
        ("barbarbaz.net", False),
        ("nested.wildcard.io", True),
        ("awildcard.io", False),
    ],
)
def test_exceptions_are_those_of_go(host: str, direct: bool) -> None:
    assert is_excluded(f"http://{host}:80", GO) is direct


@pytest.mark.parametrize(
    ("host", "exceptions", "direct"),
    [
        ("www.example.com", "localhost,.example.com,.example.de", True),
        ("www.example.com.", "localhost,.example.com,.example.de", True),
        ("example.com", "localhost,.example.com,.example.de", True),
        ("example.com.", "localhost,.example.com,.example.de", True),
        ("www.example.com", "localhost,.example.com.,.example.de", True),
        ("www.example.com", "localhost,www.example.com.,.example.de", True),
        ("example.com", "localhost,example.com,.example.de", True),
        ("foobar", "barfoo", False),
        ("foobar", "foobar", True),
        ("192.168.0.1", "foobar", False),
        ("192.168.0.1", "192.168.0.0/16", True),
        ("192.168.0.1", "192.168.0.0/24", True),
        ("192.168.0.1", "192.168.0.0/32", False),
        ("192.168.0.1", "192.168.0.0", False),
        ("192.168.1.1", "foo, bar, 192.168.0.0/24", False),
        ("192.168.1.1", "foo, bar, 192.168.0.0/16", True),
        ("192.160.0.1", "192.160.0.1/33", False),
        ("[fe80::1]", "foo, bar, 192.168.0.0/16", False),
        ("[fe80::1]", "foo, bar, fe80::/64", True),
        ("[fe80::1]", "[fe80::]/64", True),
        ("[fd00::1]", "[fd00::1]", True),
        ("[fd00::1]", "[fd00:0::0:1]:443", True),
        ("[fd00::1]", "[fd00::1]:80", False),
        ("bar", "foo, bar, ::1/64", True),
        ("BAr", "foo,,,,,              bar, ::1/64", True),
        ("bar", "foo bar", True),
        ("www.example.com", "foo, .example.com", True),
        ("www.example.com", "www2.example.com, .example.net", False),
        ("nonexample.com", ".example.com, .example.net", False),
        ("example.com", "ample.com", False),
        ("www.example.com", "EXAMPLE.com:443", True),
        ("www.example.com", "example.com:8443", False),
        ("www.\u793a\u4f8b.com", ".\u793a\u4f8b.com", True),
        ("www.\u793a\u4f8b.com", "xn--fsq092h.com", True),
        ("www.xn--fsq092h.com", "\u793a\u4f8b.com", True),
        ("[1000::%25.example.com]", "example.com", False),
        ("[::ffff:10.0.0.1]", "10.0.0.0/8", True),
        ("example.com", "*", True),
        ("example.com", "foo,*", True),
        ("example.com", ":1", False),
        ("example.com", ",/,[,],.,*.,%,::,a/b,1.2.3.4/x,example.com:x", False),
        ("example.com", "", False),
    ],
)
def test_exceptions_are_those_of_curl(host: str, exceptions: str, direct: bool) -> None:
    assert is_excluded(f"https://{host}", exceptions) is direct


@pytest.mark.parametrize(
    ("url", "environ", "variable"),
    [
        ("https://a.example", {}, None),
        ("https://a.example", {"https_proxy": "x", "HTTPS_PROXY": "y", "ALL_PROXY": "z"}, "https_proxy"),
        ("https://a.example", {"https_proxy": "", "HTTPS_PROXY": "y"}, "HTTPS_PROXY"),
        ("https://a.example", {"http_proxy": "x"}, None),
        ("https://a.example", {"http_proxy": "x", "all_proxy": "y", "ALL_PROXY": "z"}, "all_proxy"),
        ("http://a.example", {"http_proxy": "x", "HTTP_PROXY": "y"}, "http_proxy"),
        ("http://a.example", {"HTTP_PROXY": "y", "https_proxy": "z"}, "HTTP_PROXY"),
        ("http://a.example", {"HTTP_PROXY": "y", "REQUEST_METHOD": "GET"}, None),
        ("http://a.example", {"http_proxy": "y", "REQUEST_METHOD": "GET"}, "http_proxy"),
        ("https://a.example", {"HTTPS_PROXY": "y", "no_proxy": "b.example", "NO_PROXY": "*"}, "HTTPS_PROXY"),
        ("https://a.example", {"HTTPS_PROXY": "y", "no_proxy": " ", "NO_PROXY": "*"}, None),
        ("https://localhost:8443", {"HTTPS_PROXY": "y"}, None),
    ],
)
def test_the_variable_of_the_scheme_counts_first(
    url: str, environ: dict[str, str], variable: str | None
) -> None:
    found = proxy_for(url, environ)
    assert (found and found.variable) == variable


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://proxy:3128", "http://proxy:3128"),
        ("proxy:3128", "http://proxy:3128"),
        ("proxy", "http://proxy"),
        ("HTTPS://u:sesame@proxy/", "HTTPS://u:sesame@proxy/"),
        ("http://u:ses%2Fame@[::1]:1", "http://u:ses%2Fame@[::1]:1"),
    ],
)
def test_a_proxy_may_lack_its_scheme(given: str, used: str) -> None:
    assert check_proxy(Secret(given), "X", "") == used


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("socks5://u:sesame@x", "SOCKS"),
        ("socks9://u:sesame@x", "SOCKS"),
        ("ftp://u:sesame@x", "not an http://"),
        ("http://u:sesame@[::1", "not an http://"),
        ("http://u:sesame@x:port", "not an http://"),
        ("http://u:sesame@", "not an http://"),
        ("http://u:ses ame@x", "not an http://"),
        ("http://u:12/sesame@x:3128", "%2F"),
        ("http://u:12?sesame@x:3128", "%2F"),
        ("u:12#sesame@x:3128", "%2F"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(given: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_proxy(Secret(given), "HTTPS_PROXY", "Mend it")
    assert why in caught.value.why
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["http://u:sesame@proxy:1/", "http://u:se/sa?me@proxy:1", "http://u:a@sesame@proxy:1", "u:ses#ame@proxy:1",
     "http://proxy:1"],
)  # fmt: skip
def test_a_proxy_is_shown_without_user_and_password(url: str) -> None:
    assert format_proxy(url) == "http://proxy:1"


def test_the_password_of_a_proxy_is_the_one_that_is_sent() -> None:
    assert proxy_password("http://u:ses%2Fame@proxy:1") == "ses/ame"
    assert proxy_password("u@proxy") == proxy_password("http://proxy:1") == ""


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.8.9.1", True), ("::1", True), ("a.localhost", True), ("10.0.0.1", False),
     ("::ffff:127.0.0.1", True), ("localhost.example", False), ("wallaroo.example", False)],
)  # fmt: skip
def test_loopback_is_this_computer(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
