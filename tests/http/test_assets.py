"""Static files may be kept for ever, since their address names their content."""

import gzip
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def test_a_page_names_its_style_by_content(client: FlaskClient) -> None:
    page = client.get("/signin").text
    address = re.search(r'href="(/static/style\.css\?v=[0-9a-f]{12})"', page)
    assert address is not None
    with client.get(address[1]) as answer:
        kept = answer.headers["Cache-Control"]
    assert kept == "public, max-age=31536000, immutable"


def test_without_the_mark_nothing_is_kept_for_long(client: FlaskClient) -> None:
    with client.get("/static/style.css") as answer:
        assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_style_and_scripts_are_sent_compressed(client: FlaskClient) -> None:
    """To whom can read it; and to nobody again who has it."""

    def get(**headers: str) -> TestResponse:
        with client.get("/static/style.css", headers=headers) as answer:
            answer.get_data()
            return answer

    plain, packed = get(), get(accept_encoding="gzip, br")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) == packed.content_length < len(plain.data) / 2
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.vary
        again = get(accept_encoding="gzip", if_none_match=answer.headers["ETag"])
        assert (again.status_code, again.data) == (304, b"")
    assert "Content-Encoding" not in get(accept_encoding="gzip;q=0").headers
