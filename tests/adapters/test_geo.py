"""Places: from a file where there is one, and never a crash."""

import pytest
from hypothesis import given

from authserver.adapters.geo import MaxMindGeo, NoGeo, Place, open_geo
from authserver.errors import ConfigError
from tests.adapters import atlas
from tests.crypto.hostile import any_text

RECIFE = {
    "country": {"iso_code": "BR", "names": {"en": "Brazil", "pt-BR": "Brasil"}},
    "subdivisions": [{"iso_code": "PE", "names": {"en": "Pernambuco"}}],
    "city": {"names": {"en": "Recife", "pt-BR": "Recife", "es": "Recife (ES)"}},
}
PLACES = {
    "203.0.113.0/24": RECIFE,
    "198.51.100.0/24": {"country_code": "PT", "city": "Porto", "state1": "Norte"},
    "2001:db8::/32": {"country": {"iso_code": "NZ"}},
    "192.0.2.0/25": {"city": {"names": {"en": "bad\nname"}}, "country": "no record"},
    "192.0.2.128/25": {"something": "else"},
}


@pytest.fixture(scope="module")
def geo(tmp_path_factory):
    path = tmp_path_factory.mktemp("geo") / "city.mmdb"
    atlas.write(path, PLACES)
    return open_geo(path)


@pytest.mark.parametrize(
    ("address", "language", "place"),
    [
        ("203.0.113.9", "en", "Recife, Pernambuco, BR"),
        ("203.0.113.9", "es-AR", "Recife (ES), Pernambuco, BR"),
        ("203.0.113.9", "ar", "Recife, Pernambuco, BR"),
        ("::ffff:203.0.113.9", "en", "Recife, Pernambuco, BR"),
        ("198.51.100.1", "en", "Porto, Norte, PT"),
        ("2001:db8::5", "en", "NZ"),
    ],
)
def test_a_place_that_is_known(geo, address, language, place):
    assert str(geo.find(address, language=language)) == place


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "127.0.0.1", "::1", "192.0.2.1", "192.0.2.200", "", None, "nonsense"],
)
def test_a_place_that_is_not(geo, address):
    assert geo.find(address) is None


@given(any_text)
def test_no_string_makes_it_raise(geo, address):
    assert geo.find(address) is None


def test_without_a_file_nothing_is_known():
    assert open_geo(None).find("203.0.113.9") is None
    assert open_geo("").find(None) is None
    assert isinstance(open_geo(None), NoGeo)


@pytest.mark.parametrize("content", [None, b"", b"no database", b"\0" * 500])
def test_a_file_that_is_none_stops_the_start(tmp_path, content):
    path = tmp_path / "x.mmdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match="GEO_DATABASE"):
        MaxMindGeo(path)


def test_a_file_that_is_damaged_inside_knows_nothing(tmp_path):
    path = tmp_path / "x.mmdb"
    atlas.write(path, PLACES)
    whole = path.read_bytes()
    start = whole.index(b"\0" * 16) + 16
    path.write_bytes(whole[:start] + b"\xff" * 40 + whole[start + 40 :])
    assert MaxMindGeo(path).find("203.0.113.9") is None


def test_a_place_is_said_once():
    assert str(Place("SG", "Singapore", "Singapore")) == "Singapore, SG"
    assert str(Place()) == ""
