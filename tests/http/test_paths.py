"""What a path may hold."""

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("word", "methods"), [("rotate", "POST"), ("k" * 43, "DELETE")]
)
def test_the_id_of_a_key_is_no_other_address(
    client: FlaskClient, word: str, methods: str
) -> None:
    """What an address allows is what the document says of it."""
    answer = client.options(f"/v1/admin/keys/{word}")
    assert set(answer.headers["Allow"].split(", ")) == {methods, "OPTIONS"}
