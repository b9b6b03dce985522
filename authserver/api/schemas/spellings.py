"""What else a field may be called (C13): every spelling of the seeds, in one place."""

FULL_NAME = ("display_name", "displayName", "fullName", "name", "nome")
PHONE = ("phone_number", "phoneNumber", "telefone")
PASSWORD = ("senha",)
NEW_PASSWORD = ("new_password", "newPassword", "senha")
IDENTIFIER = ("email", "username")
REFRESH_TOKEN = ("refresh_token",)
SECOND_FACTOR = ("two_factor_code", "code")
CODE_OR_TOKEN = ("token",)
