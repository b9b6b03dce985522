"""What a brand may say: it stands on every page, in styles, links and letters."""

from typing import Any

import pytest

from authserver.core.brands import check
from authserver.errors import InvalidInput

FAULTS: list[tuple[str, Any]] = [
    ("name", "x" * 61),
    ("name", "two\nlines"),
    ("name", "turned \u202eround"),
    ("colour", "#2456c9;}body{display:none"),
    ("colour", "2456c9"),
    ("colour_dark", "#2456c"),
    ("support_email", "help@example.com> <a@example.com"),
    ("support_email", "help"),
    ("home_url", "http://example.com/"),
    ("home_url", "javascript:alert(1)"),
    ("home_url", "https://"),
    ("home_url", "https:///path"),
    ("home_url", "https://example.com:99999/"),
    ("home_url", "https://[example.com/"),
    ("home_url", "https://ex\u00e4mple.com/"),
    ("home_url", "https://example.com/\x7f"),
    ("home_url", 'https://example.com/" onclick="x'),
    ("home_url", "https://example.com/\\@other.example"),
    ("home_url", "https://somebody@example.com/"),
    ("home_url", "https://:secret@example.com/"),
    ("home_url", "https://example.com/" + "x" * 481),
    ("welcome", {"en": "x" * 201}),
    ("welcome", {"en": "two\nlines"}),
    ("welcome", {'en" onload="x': "Hello"}),
    ("welcome", {f"x{n}": "Hello" for n in range(21)}),
    ("welcome", "Hello"),
]


@pytest.mark.parametrize(("field", "value"), FAULTS)
def test_what_no_page_should_show_is_refused_by_its_field(
    field: str, value: Any
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check({field: value})
    assert list(refusal.value.fields) == [field]


def test_what_fits_is_kept_trimmed() -> None:
    longest = "https://example.com/" + "x" * 480
    kept = check(
        {
            "name": " N\u00f6tes ",
            "colour": "#C0FFEE",
            "support_email": "help@example.com",
            "home_url": longest,
            "terms_url": "https://example.com:8443/a?b=c#d",
            "welcome": {"pt-BR": " Ol\u00e1 ", "en": ""},
        }
    )
    assert (kept["name"], kept["colour"]) == ("N\u00f6tes", "#c0ffee")
    assert (kept["home_url"], kept["welcome"]) == (longest, {"pt-BR": "Ol\u00e1"})
