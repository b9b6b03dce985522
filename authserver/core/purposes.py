"""What one-time secrets are good for."""

from enum import StrEnum


class Purpose(StrEnum):
    """What a challenge is good for; the first three are the seeds' types."""

    VERIFY_EMAIL = "email_verification"
    RESET_PASSWORD = "password_reset"
    MAGIC_LINK = "magic_link"
    CHANGE_EMAIL = "email_change"
    SECOND_FACTOR = "second_factor"
    SETUP = "account_setup"
    UNDO_EMAIL = "email_change_undo"
    UNDO_DELETION = "deletion_undo"
    DISOWN = "signin_disowned"
