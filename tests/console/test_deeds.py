"""What is done to one person: locked, written to, signed out, deleted; roles given."""

from __future__ import annotations

from authserver.models import OutboxLetter, UserRole
from tests.console.people import events, page_of
from tests.support.caller import PASSWORD


def test_locked_with_a_reason_and_out_at_once(admin, make_reader, bob, db):
    theirs = make_reader()
    theirs.sign_in("bob@example.test")
    admin.open(page_of(bob)).link("user-lock")
    admin.press("confirm-submit")
    assert admin.status == 422
    assert admin.has("reason-error")
    admin.fill(reason="asked by legal").press("confirm-submit")
    assert "locked" in admin.document.get("done").text
    assert theirs.open("/account").path == "/signin"
    (event,) = events(db, "user:account:locked")
    assert event.reason == "asked by legal"
    admin.link("user-unlock").press("confirm-submit")
    assert make_reader().sign_in("bob@example.test").path == "/account"
    assert len(events(db, "user:account:unlocked")) == 1


def test_what_is_dangerous_asks_for_a_proof_and_leads_back(admin, bob, clock):
    admin.open(page_of(bob))
    clock.advance(minutes=11)
    admin.link("user-lock")
    assert admin.path == "/reauth"
    admin.fill(password=PASSWORD).press("reauth-submit")
    assert admin.path == f"{page_of(bob)}/lock"
    clock.advance(minutes=11)
    admin.fill(reason="late").press("confirm-submit")
    assert admin.path == "/reauth"


def test_letters_are_sent_again(admin, bob, db, services):
    admin.open(page_of(bob)).link("user-reset").press("confirm-submit")
    assert admin.has("done")
    assert len(events(db, "user:reset:forced")) == 1
    new = admin.open("/console/users/new").fill(email="new@example.test")
    new.press("user-submit").link("user-verify").press("confirm-submit")
    assert admin.has("done")
    assert len(events(db, "user:verification:forced")) == 1
    letters = db.session.query(OutboxLetter).filter_by(recipient="new@example.test")
    assert [one.letter for one in letters] == ["verify_email"] * 2


def test_signed_out_everywhere(admin, make_reader, bob, db):
    theirs = make_reader()
    theirs.sign_in("bob@example.test")
    admin.open(page_of(bob)).link("user-sign-out")
    admin.fill(reason="lost the phone").press("confirm-submit")
    assert theirs.open("/account").path == "/signin"
    (event,) = events(db, "user:sessions:ended-by-operator")
    assert (event.reason, event.actor_id is not None) == ("lost the phone", True)


def test_deleted_by_a_typed_address_and_restored(admin, make_reader, bob, db, stored):
    admin.open(page_of(bob)).link("user-delete")
    admin.fill(reason="asked", typed="admin@example.test").press("confirm-submit")
    assert admin.status == 422
    assert stored(bob).deleted_at is None
    admin.fill(reason="asked", typed="BOB@example.test ").press("confirm-submit")
    assert admin.status == 200
    assert make_reader().sign_in("bob@example.test").status == 401
    assert not admin.has("user-lock")
    assert "bob@example.test" not in admin.open("/console/users").text
    admin.open("/console/users?status=deleted").open(page_of(bob))
    admin.link("user-restore").press("confirm-submit")
    assert make_reader().sign_in("bob@example.test").path == "/account"
    assert len(events(db, "user:account:restored-by-operator")) == 1
    admin.open("/account/profile").send(f"{page_of(bob)}/restore")
    assert admin.status == 409


def test_what_is_left_of_somebody_anonymous_is_not_restored(
    admin, bob, stored, db, clock
):
    admin.open(f"{page_of(bob)}/delete").fill(reason="r", typed="bob@example.test")
    admin.press("confirm-submit")
    stored(bob).anonymised_at = clock.now()
    db.session.commit()
    assert not admin.open(page_of(bob)).has("user-restore")
    admin.open("/account/profile").send(f"{page_of(bob)}/restore")
    assert admin.status == 409
    assert stored(bob).deleted_at is not None


def test_nobody_locks_or_deletes_themselves(admin, db, services):
    me = str(services.users.find_by_email("admin@example.test").id)
    admin.open(f"{page_of(me)}/lock").fill(reason="oops").press("confirm-submit")
    assert admin.status == 409
    assert "yourself" in admin.document.get("error-summary").text


# -- Roles and institutions


def test_a_role_is_given_until_a_day_and_taken(admin, bob, db):
    admin.open(page_of(bob)).link("role-give")
    offered = admin.document.get("role").text
    assert "editor" in offered
    assert "admin" not in offered
    option = next(e for e in admin.document.get("role").walk() if e.text == "editor")
    admin.choose("role", option.get("value")).fill(until="2031-01-31", reason="help")
    admin.press("role-submit")
    assert "editor" in admin.document.get("roles").text
    row = db.session.query(UserRole).filter_by(role_id=int(option.get("value"))).one()
    # The end of the day in São Paulo, where the operator is.
    assert row.expires_at.isoformat().startswith("2031-02-01T03:00")
    (given,) = [e for e in events(db, "user:role:assigned") if e.reason == "help"]
    assert given.facts["role"] == "editor"
    admin.open(f"{page_of(bob)}/roles/{option.get('value')}/take")
    admin.fill(reason="done helping").press("confirm-submit")
    assert "editor" not in admin.document.get("roles").text
    (taken,) = events(db, "user:role:taken")
    assert taken.reason == "done helping"


def test_a_role_that_would_have_ended_is_told_beside_its_field(admin, bob):
    admin.open(f"{page_of(bob)}/roles/new")
    admin.fill(until="2020-01-01", reason="x").press("role-submit")
    assert admin.status == 422
    assert admin.has("until-error")


def test_nobody_gives_a_role_above_their_own(admin, bob, services):
    role = services.roles.find("super_admin").id
    admin.open(f"{page_of(bob)}/roles/new")
    admin.send(f"{page_of(bob)}/roles/new", role=str(role), reason="power")
    assert admin.status == 403


def test_institutions_are_joined_and_left(admin, bob, services, db):
    row = services.institutions.create(
        "i1", "First", by=services.users.find_by_email("admin@example.test").id
    )
    db.session.commit()
    admin.open(page_of(bob)).link("institution-join")
    admin.choose("institution", str(row.id)).press("institution-submit")
    assert "First" in admin.document.get("institutions").text
    admin.open(f"{page_of(bob)}/institutions/{row.id}/leave").press("confirm-submit")
    assert "First" not in admin.document.get("institutions").text
    changes = [e.facts["change"] for e in events(db, "institution:self:changed")]
    assert changes == ["created", "joined", "left"]
