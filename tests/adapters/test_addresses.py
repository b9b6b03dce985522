"""Which URLs and addresses our own requests may go to."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.adapters.addresses import AddressRefused, Policy, is_public, read_url
from tests.crypto.hostile import any_text

PUBLIC = [
    "8.8.8.8",
    "93.184.216.34",
    "2606:4700:4700::1111",
    "2001:4860:4860::8888",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
    "64:ff9b::808:808",
]
INSIDE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",  # metadata of most clouds
    "100.100.100.200",  # of Alibaba
    "192.0.0.192",  # of Oracle
    "168.63.129.16",  # the host of an Azure machine
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "3fff::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "100::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_world(address):
    assert is_public(ipaddress.ip_address(address))
    Policy().check("somewhere.example", address)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside(address):
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(AddressRefused):
        Policy().check("somewhere.example", address)


@given(st.ip_addresses(v=4))
def test_what_carries_an_address_is_as_public_as_it(address):
    number = int(address)
    for carrier in (
        ipaddress.IPv6Address(0xFFFF << 32 | number),
        ipaddress.IPv6Address(0x2002 << 112 | number << 80 | 1),
        ipaddress.IPv6Address(0x64FF9B << 96 | number),
    ):
        assert is_public(carrier) == is_public(address)


def test_what_the_operator_allows():
    policy = Policy(["127.0.0.1", "10.1.0.0/16", "fd00::/8", "IdP.internal."])
    for address in ("127.0.0.1", "10.1.2.3", "fd00::1", "::ffff:10.1.2.3"):
        policy.check("somewhere.example", address)
    policy.check("idp.internal", "192.168.1.1")
    for address in ("127.0.0.2", "10.2.0.1", "fe80::1", "::1", "192.168.1.1"):
        with pytest.raises(AddressRefused):
            policy.check("somewhere.example", address)
    with pytest.raises(AddressRefused):
        policy.check("other.idp.internal", "192.168.1.1")


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://a.example", "a.example", 443, "/"),
        ("https://A.Example:8443/jwks?x=1&y", "a.example", 8443, "/jwks?x=1&y"),
        ("https://a.example./x#part", "a.example", 443, "/x"),
        ("https://[2606:4700::1]/x", "2606:4700::1", 443, "/x"),
        ("https://a.example?x", "a.example", 443, "/?x"),
    ],
)
def test_an_url_is_taken_apart(url, host, port, path):
    target = read_url(url)
    assert (target.host, target.port, target.path) == (host, port, path)


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://a.example/", "a.example"),
        ("https://a.example:443/", "a.example"),
        ("https://a.example:444/", "a.example:444"),
        ("https://[::1]:444/", "[::1]:444"),
    ],
)
def test_what_the_host_header_will_say(url, authority):
    assert read_url(url).authority == authority


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/",
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a.example/",
        "data:application/json,{}",
        "//a.example/",
        "a.example",
        "",
        "https://",
        "https:///path",
        "https://user@a.example/",
        "https://user:secret@a.example/",
        "https://a.example@127.0.0.1/",
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://a.example\\@127.0.0.1/",
        "https://a.example\\.evil.example/",
        "https://a.example/\r\nX: y",
        "https://a.example/ x",
        "https://a.example/\x00",
        "https://a.ex\tample/",
        "https://exämple.org/",
        "https://１２７.0.0.1/",  # noqa: RUF001 -- full-width digits, on purpose
        "https://a.example/é",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://a%2eexample/",
        "https://a.example/" + "x" * 2048,
    ],
)
def test_an_url_that_is_refused(url):
    with pytest.raises(AddressRefused):
        read_url(url)


def test_plain_http_only_where_it_is_allowed():
    assert read_url("http://a.example", allow_http=True).port == 80
    with pytest.raises(AddressRefused):
        read_url("ftp://a.example", allow_http=True)


@given(st.one_of(any_text, any_text.map(lambda text: f"https://{text}")))
def test_no_string_makes_it_raise_anything_else(url):
    try:
        target = read_url(url)
    except AddressRefused:
        return
    assert target.host
    assert target.path.startswith("/")


@given(any_text)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(AddressRefused):
        Policy(["10.0.0.0/8"]).check("a.example", address)
