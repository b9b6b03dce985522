"""What goes out with an export is decided column by column (LGPD art. 18 V)."""

from typing import Any

import pytest

from authserver.core.export import HELD_BACK, HELD_BACK_OF
from authserver.errors import StepUpNeeded
from authserver.models import Base, User
from authserver.services import Services
from tests.core.conftest import PASSWORD

GOES_OUT = {
    "users": "id email phone username full_name avatar_url date_of_birth status"
    " is_email_verified is_phone_verified email_verified_at phone_verified_at"
    " failed_login_attempts locked_until last_password_change mfa_enabled language"
    " timezone metadata last_login_at last_seen_at deleted_at profile"
    " must_change_password anonymised_at created_at updated_at",
    "sessions": "id user_id device_type device_name ip_address user_agent"
    " location_country location_city expires_at is_active last_activity_at revoked_at"
    " kind auth_time acr amr remembered absolute_expires_at confirmed_at"
    " revoked_because created_at",
    "verification_tokens": "id user_id token_type expires_at is_used used_at ip_address"
    " user_agent email attempts created_at",
    "login_history": "id user_id action status auth_method failure_reason ip_address"
    " user_agent device_type location_country location_city attempted_email"
    " trace_id metadata created_at",
    "security_events": "id event user_id client_id ip_address user_agent trace_id"
    " reason facts created_at",
    "terms_consents": "id user_id document version accepted ip_address user_agent"
    " created_at",
    "oauth_providers": "id user_id provider issuer subject email profile last_used_at"
    " created_at",
    "passkeys": "id user_id aaguid is_synced name last_used_at created_at",
    "trusted_devices": "id user_id name expires_at created_at",
    "outbox": "id letter recipient user_id status sent_at created_at",
}
"""A column that is new is in none of these: whoever adds it says here what it is."""

ELSEWHERE = {
    "client_consents": "with the name of the app",
    "token_families": "with the name of the app",
    "user_roles": "with the name of the role",
    "user_institutions": "with the name of the institution",
    "authorization_codes": "for a minute on the way to an app",
    "backchannel_requests": "for minutes, until an app has its answer",
    "device_grants": "for minutes, until a device has its answer",
    "notices": "told to apps when a session ends",
    "stream_subjects": "which events an app hears of; with the apps",
    "connection_attempts": "for minutes on the way to a provider",
}


def test_every_column_that_goes_out_is_named_here() -> None:
    for name, columns in GOES_OUT.items():
        table = Base.metadata.tables[f"auth.{name}"]
        kept_back = HELD_BACK | HELD_BACK_OF.get(name, frozenset())
        goes = {column.name for column in table.columns} - kept_back
        assert goes == set(columns.split()), name


def test_every_table_about_people_is_looked_at() -> None:
    about = {
        table.name
        for table in Base.metadata.sorted_tables
        if "user_id" in table.columns
    }
    assert about | {"users"} == GOES_OUT.keys() | ELSEWHERE.keys()


def test_it_holds_what_the_tables_hold(services: Services, db: Any, ada: User) -> None:
    session, _ = services.signin.with_password("ada", PASSWORD, remember=True)
    db.session.commit()
    found = services.export.of(ada.id, session_id=session.id)
    assert set(found["user"]) == {*GOES_OUT["users"].split(), "cpf"}
    for name, table in (("sessions", "sessions"), ("login_history", "login_history")):
        assert set(found[name][0]) == set(GOES_OUT[table].split())
    assert found["roles"][0]["name"] == "user"
    assert found["institutions"][0]["code"] == "default"


def test_nobody_gets_it_without_a_recent_proof(
    services: Services, db: Any, ada: User
) -> None:
    with pytest.raises(StepUpNeeded):
        services.export.of(ada.id, session_id=None)
