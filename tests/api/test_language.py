"""Which language answers and letters of /v1 speak: the call's, else the user's."""

from __future__ import annotations

import pytest

from tests.support.caller import PASSWORD, Caller


def subject(caller: Caller, to: str, letter: str) -> str:
    return str(caller.letters(to, letter)[-1]["Content-Language"])


@pytest.fixture
def me(api: Caller, ada: str) -> Caller:
    api.sign_in(ada)
    return api


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [("pt-BR,pt;q=0.9", "pt-BR"), ("zh-CN", "zh-Hans-CN"), ("tlh, es;q=0.5", "es")],
)
def test_a_letter_speaks_the_language_of_the_call(
    api: Caller, accepted: str, spoken: str
) -> None:
    given = {"email": "eve@example.test", "password": PASSWORD}
    api.data(api.post("/auth/signup", given, accept_language=accepted))
    assert subject(api, "eve@example.test", "verify_email") == spoken
    api.post("/auth/verify-email", given | {"code": api.code("eve@example.test")})


def test_without_a_word_of_the_call_it_is_the_users_own(me: Caller, ada: str) -> None:
    me.data(me.patch("/users/me", {"language": "pt-BR"}))
    change = {"current_password": PASSWORD, "new_password": "Zwölf-Hähne-am-Kai-9"}
    me.data(me.patch("/users/me/password", change))
    assert subject(me, ada, "password_changed") == "pt-BR"


def test_the_call_outweighs_the_user(me: Caller, ada: str) -> None:
    me.data(me.patch("/users/me", {"language": "pt-BR"}))
    told = me.get("/users/me", accept_language="es").json["message"]
    assert told != me.get("/users/me").json["message"]


def test_a_language_that_we_do_not_speak_is_no_fault(me: Caller, ada: str) -> None:
    me.data(me.patch("/users/me", {"language": "tlh"}))
    assert me.get("/users/me").json["message"] == "Done."
