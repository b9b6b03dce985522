"""Static files may be kept for ever, since their address names their content."""

import re

from flask.testing import FlaskClient


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
