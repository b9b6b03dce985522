"""Read the settings from a mapping and report every fault at once."""

import base64
import dataclasses
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from environs import Env, EnvError
from marshmallow import validate

from authserver.config import providers
from authserver.config.channel_rules import check_channel, mtls_url
from authserver.config.settings import TRIAL_PASSWORD, Settings
from authserver.config.urls import local_url, parts
from authserver.errors import ConfigError

PLACEHOLDERS = re.compile(
    r"change.?me|super_?secret|segredo|your[-_ ]|example|^(.)\1*$"
)

TERMS = re.compile(r"[a-z][a-z0-9_-]{0,63}:[\x21-\x2b\x2d-\x7e]{1,64}")

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SIGNUP_FIELDS = {"full_name", "username", "phone", "cpf"}
ALGORITHMS = {"RS256", "PS256", "ES256", "EdDSA"}


class MappingEnv(Env):
    """environs over a mapping, where ``NAME_FILE`` may hold the path of a value."""

    def __init__(self, source: Mapping[str, str]) -> None:
        super().__init__(eager=False)
        self.source = source

    def _get_value(self, env_key: str, default: Any) -> Any:
        if path := self.source.get(f"{env_key}_FILE"):
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except OSError:
                self._errors[f"{env_key}_FILE"].append("cannot be read.")
                return default
        return self.source.get(env_key) or default


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check all settings.

    Args:
        environ: Names and values; the process's environment over a ``.env`` file in
            the working directory when not given.

    Raises:
        ConfigError: One or more faults, each on a line of its own, without values.
    """
    env = MappingEnv(environment() if environ is None else environ)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for line in dataclasses.fields(Settings):
        value = read(env, line)
        if value is not None:
            values[line.name] = value
            name = spelling_of(env, line) or ""
            has_file = env.source.get(f"{name}_FILE")
            is_on_file = environ is None and name not in os.environ
            plainly = "dotenv" if is_on_file else "environment"
            origins[line.name] = "file" if has_file else plainly
    faults: list[str] = []
    try:
        env.seal()
    except EnvError as fault:
        said = (f"{name}: {' '.join(map(str, why))}" for name, why in faults_of(fault))
        faults = sorted(said)
    # What could be read is checked too: nobody should restart once for each fault.
    settings = complete(Settings(**values), env.source)
    # No field: it is no setting.  It is noted now, since the environment may change.
    object.__setattr__(settings, "origins", origins)
    if faults := faults + check(settings):
        raise ConfigError("\n".join(faults))
    return settings


def faults_of(fault: EnvError) -> list[tuple[str, list[str]]]:
    """Give the faults by name; what was set is not among them."""
    return list(getattr(fault, "error_messages", {}).items())


def environment() -> dict[str, str]:
    """Give the process's environment laid over the ``.env`` file, if there is one."""
    from dotenv import dotenv_values

    on_file = {k: v for k, v in dotenv_values(".env").items() if v is not None}
    return {**on_file, **os.environ}


def read(env: MappingEnv, line: dataclasses.Field[Any]) -> Any:
    """Read one setting under the first of its names that is set; None when none is."""
    facts = line.metadata
    name = spelling_of(env, line)
    if name is None:
        return None
    checks: list[Callable[[Any], Any]] = []
    if choices := facts.get("choices"):
        checks.append(validate.OneOf(choices))
    if (least := facts.get("least")) is not None:
        checks.append(validate.Range(min=least))
    readers: dict[str, Callable[..., Any]] = {
        "str": env.str,
        "int": env.int,
        "path": env.path,
        "switch": env.bool,
        "span": env.timedelta,
        "words": env.list,
    }
    kind = facts.get("kind", "str")
    value = readers[kind](name, validate=checks)
    if kind == "words" and value is not None:
        return tuple(word.strip() for word in value if word.strip())
    return value


def spelling_of(env: MappingEnv, line: dataclasses.Field[Any]) -> str | None:
    """Give the first of a setting's names that is set."""
    names = line.metadata["env"]
    present = (n for n in names if env.source.get(n) or env.source.get(f"{n}_FILE"))
    return next(present, None)


def complete(settings: Settings, source: Mapping[str, str]) -> Settings:
    """Fill in what follows from other settings."""
    issuer = settings.issuer.rstrip("/")
    if not issuer and not settings.is_production:
        issuer = local_url(settings.host, settings.port)
    has_keys_dir = settings.keys_dir != Path()
    is_trial = settings.app_env == "development"
    return dataclasses.replace(
        settings,
        issuer=issuer,
        mtls_url=mtls_url(settings, issuer),
        database_url=database_url(settings, source),
        keys_dir=settings.keys_dir if has_keys_dir else settings.home / "keys",
        admin_password=settings.admin_password or (TRIAL_PASSWORD if is_trial else ""),
    )


def database_url(settings: Settings, source: Mapping[str, str]) -> str:
    """Name the driver and drop what other tools wrote into the URL.

    SQLAlchemy 2.1 reads ``postgresql://`` as another driver than ours, and knows
    neither ``postgres://`` nor the ``?schema=`` of other mappers.
    """
    url = settings.database_url
    if not url and (host := source.get("AUTH_PG_HOST")):
        user = quote(source.get("AUTH_PG_USER", "postgres"), safe="")
        password = quote(source.get("AUTH_PG_PASS", ""), safe="")
        port = source.get("AUTH_PG_PORT", "5432")
        base = quote(source.get("AUTH_PG_DB", "postgres"), safe="")
        url = f"postgresql://{user}:{password}@{host}:{port}/{base}"
    if not url:
        return f"sqlite:///{(settings.home / 'authserver.db').absolute()}"
    url = re.sub(r"^postgres(ql)?(\+psycopg2)?://", "postgresql+psycopg2://", url)
    return re.sub(r"([?&])schema=\w+&?", r"\1", url).rstrip("?&")


def check(settings: Settings) -> list[str]:
    """List what cannot work, or must not in production; values are never repeated."""
    faults = [*check_issuer(settings), *check_secrets(settings)]
    faults += check_front_ends(settings)
    faults += check_outside(settings)
    faults += check_channel(settings)
    if not all(TERMS.fullmatch(one) for one in settings.terms):
        faults.append("TERMS: must be documents with versions, as terms:2026-11.")
    if not 5 <= settings.par_ttl.total_seconds() < 600:
        faults.append("PAR_TTL: must be 5 to 599 seconds.")
    if settings.proof_of_work_bits > 24:
        faults.append("PROOF_OF_WORK_BITS: must be 24 at most.")
    if not set(settings.signing_algorithms) <= ALGORITHMS:
        known = ", ".join(sorted(ALGORITHMS))
        faults.append(f"SIGNING_ALGORITHMS: must be among {known}.")
    if not re.match(r"(sqlite|postgresql\+psycopg2)://", settings.database_url):
        faults.append("DATABASE_URL: must be sqlite:// or postgresql://.")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", settings.brand_colour):
        faults.append("BRAND_COLOUR: must be #rrggbb.")
    for network in settings.trusted_proxies:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            faults.append("TRUSTED_PROXIES: must be addresses or networks.")
    return faults


def check_issuer(settings: Settings) -> list[str]:
    """OIDC Discovery §3: https, without query or fragment; http on loopback only."""
    if not settings.issuer:
        return ["APP_URL: is required in production: the https URL people see."]
    url = parts(settings.issuer)
    if url.scheme != "https" and not (
        url.scheme == "http" and url.hostname in LOOPBACK
    ):
        return ["APP_URL: must be https (http only on a loopback address)."]
    if url.query or url.fragment or not url.hostname or url.username:
        return ["APP_URL: must be a plain URL, without user, query or fragment."]
    return []


def check_front_ends(settings: Settings) -> list[str]:
    """Origins are compared as browsers write them (RFC 6454 §6.2): nothing else fits."""
    faults = []
    for origin in settings.cors_origins:
        url = parts(origin)
        is_plain = origin == f"{url.scheme}://{url.netloc}" and url.hostname
        if not is_plain or url.username or origin != origin.lower():
            faults.append("CORS_ORIGINS: must be origins, as https://app.example.com.")
        elif url.scheme != "https" and url.hostname not in LOOPBACK:
            faults.append("CORS_ORIGINS: must be https (http on loopback only).")
    if "/v1" not in settings.api_prefixes or set(settings.api_prefixes) - {"/v1", "/"}:
        faults.append("API_PREFIXES: must be /v1, or /v1 and /.")
    if not set(settings.signup_required_fields) <= SIGNUP_FIELDS:
        known = ", ".join(sorted(SIGNUP_FIELDS))
        faults.append(f"SIGNUP_REQUIRED_FIELDS: must be among {known}.")
    return faults


def check_outside(settings: Settings) -> list[str]:
    """Look at other people's servers: who they are, and what else may be called."""
    faults = []
    urls = {
        "GOOGLE_ISSUER": settings.google_issuer,
        "GITHUB_URL": settings.github_url,
        "GITHUB_API_URL": settings.github_api_url,
    }
    try:
        for one in settings.oidc_provider_list:
            urls[f"OIDC_PROVIDERS: issuer of {one.name}"] = one.issuer
    except ValueError as fault:
        faults.append(f"OIDC_PROVIDERS: {fault}")
    try:
        _ = settings.statement_issuers
    except ValueError as fault:
        faults.append(f"SOFTWARE_STATEMENT_ISSUERS: {fault}")
    for name, url in urls.items():
        if not providers.is_good_url(url, is_production=settings.is_production):
            faults.append(f"{name}: must be a plain https URL.")
    for name, client_id, secret in (
        ("GOOGLE", settings.google_client_id, settings.google_client_secret),
        ("GITHUB", settings.github_client_id, settings.github_client_secret),
    ):
        if bool(client_id) != bool(secret):
            faults.append(f"{name}_CLIENT_ID and {name}_CLIENT_SECRET: set both.")
    for entry in settings.outbound_allow:
        try:
            ipaddress.ip_network(entry)
        except ValueError:
            # A network with bits to spare would be read as a name, and allow nothing.
            if not re.fullmatch(r"[a-z0-9_.-]*[a-z][a-z0-9_.-]*", entry.lower()):
                faults.append("OUTBOUND_ALLOW: must be names, addresses or networks.")
    return faults


def check_secrets(settings: Settings) -> list[str]:
    """Refuse placeholders and short secrets where it matters."""
    faults = []
    for key in filter(None, settings.key_encryption_key.split(",")):
        try:
            if len(base64.b64decode(key, validate=True)) != 32:
                faults.append("KEY_ENCRYPTION_KEY: must be 32 bytes in base64.")
        except ValueError:
            faults.append("KEY_ENCRYPTION_KEY: must be 32 bytes in base64.")
    if not settings.is_production:
        return faults
    for name, value in (
        ("JWT_SECRET", settings.jwt_secret),
        ("JWT_REFRESH_SECRET", settings.refresh_secret),
    ):
        if value and (len(value) < 32 or PLACEHOLDERS.search(value.lower())):
            faults.append(f"{name}: is a placeholder or shorter than 32 characters.")
    if settings.admin_password.lower() in ("admin", "password", "changeme"):
        faults.append("ADMIN_PASSWORD: is a default that everybody knows.")
    return faults


def export(name: str, value: str, *, only_if_unset: bool = False) -> None:
    """Set a variable for this process and those it starts."""
    if only_if_unset and os.environ.get(name):
        return
    os.environ[name] = value


def child_environment(more: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of a process that is not us: none of our secrets in it."""
    passed = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "SYSTEMROOT", "VIRTUAL_ENV")
    kept = {name: os.environ[name] for name in passed if name in os.environ}
    return kept | dict(more)
