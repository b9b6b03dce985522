"""`authserver client check`, and apps that are moved or switched off."""


def test_each_app_is_held_against_each_profile(settled):
    made = settled.json(
        *("client", "create", "--name", "Shop"),
        *("--redirect-uri", "https://shop.example/cb"),
    )
    (told,) = (
        one
        for one in settled.json("client", "check")
        if one["client_id"] == made["client_id"]
    )
    assert [one["profile"] for one in told["profiles"] if one["fits"]] == [
        "oidc",
        "oauth21",
    ]
    assert settled.json("client", "check", made["client_id"]) == told


def test_the_verdict_can_be_read(settled):
    made = settled.json(
        *("client", "create", "--name", "Bank"),
        *("--redirect-uri", "https://bank.example/cb"),
    )
    said = settled.run("client", "check", made["client_id"]).stdout
    assert said.startswith(f"Bank  {made['client_id']}\n  oidc      now\n")
    assert "  oauth21   nothing in the way\n      changes  S256 challenge" in said
    assert "  fapi2     not yet\n      token_endpoint_auth_method: " in said


def test_an_unknown_app_is_one_line(settled):
    done = settled.run("client", "check", "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("authserver: ")
    assert len(done.stderr.splitlines()) == 1


def test_an_app_is_moved_if_it_fits(settled):
    made = settled.json(
        *("client", "create", "--name", "Shop"),
        *("--redirect-uri", "https://shop.example/cb"),
    )
    moved = settled.json("client", "move", made["client_id"], "oauth21")
    assert moved["profile"] == "oauth21"
    done = settled.run("client", "move", made["client_id"], "fapi2")
    assert (done.returncode, done.stdout) == (1, "")
    assert "fapi2 takes private_key_jwt" in done.stderr
    assert settled.json("client", "show", made["client_id"])["profile"] == "oauth21"


def test_an_app_is_switched_off_and_on(settled):
    made = settled.json(
        *("client", "create", "--name", "Radio"),
        *("--redirect-uri", "https://radio.example/cb"),
    )
    who = made["client_id"]
    off = settled.json("client", "disable", who, "--reason", "a leak")
    assert off["disabled_at"]
    again = settled.run("client", "disable", who)
    assert (again.returncode, again.stdout) == (1, "")
    assert settled.json("client", "enable", who)["disabled_at"] is None
