BEGIN;

SET LOCAL search_path TO auth, extensions, public;

DO $$ BEGIN IF to_regnamespace('auth') IS NULL THEN CREATE SCHEMA auth; END IF; END $$;

DO $$ BEGIN IF to_regnamespace('extensions') IS NULL THEN CREATE SCHEMA extensions; END IF; END $$;

CREATE TABLE auth.authserver_version (
    version_num VARCHAR(32) NOT NULL,
    CONSTRAINT authserver_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE EXTENSION IF NOT EXISTS citext SCHEMA extensions;

CREATE EXTENSION IF NOT EXISTS "uuid-ossp" SCHEMA extensions;

CREATE TABLE auth.users (
    id UUID DEFAULT uuid_generate_v4() NOT NULL,
    email CITEXT NOT NULL,
    phone TEXT,
    username CITEXT,
    full_name TEXT,
    avatar_url TEXT,
    date_of_birth DATE,
    password_hash TEXT,
    status TEXT DEFAULT 'pending_verification' NOT NULL,
    is_email_verified BOOLEAN DEFAULT false NOT NULL,
    is_phone_verified BOOLEAN DEFAULT false NOT NULL,
    email_verified_at TIMESTAMP WITH TIME ZONE,
    phone_verified_at TIMESTAMP WITH TIME ZONE,
    failed_login_attempts INTEGER DEFAULT '0' NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    last_password_change TIMESTAMP WITH TIME ZONE,
    mfa_enabled BOOLEAN DEFAULT false NOT NULL,
    mfa_secret TEXT,
    mfa_backup_codes TEXT[],
    language TEXT DEFAULT 'pt-BR' NOT NULL,
    timezone TEXT DEFAULT 'America/Sao_Paulo' NOT NULL,
    metadata JSONB DEFAULT '{}' NOT NULL,
    last_login_at TIMESTAMP WITH TIME ZONE,
    last_seen_at TIMESTAMP WITH TIME ZONE,
    deleted_at TIMESTAMP WITH TIME ZONE,
    profile JSONB DEFAULT '{}' NOT NULL,
    cpf_sealed TEXT,
    cpf_index TEXT,
    totp_last_step INTEGER,
    backup_codes_sealed TEXT,
    must_change_password BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_email UNIQUE (email),
    CONSTRAINT uq_users_phone UNIQUE (phone),
    CONSTRAINT uq_users_username UNIQUE (username),
    CONSTRAINT uq_users_cpf_index UNIQUE (cpf_index)
);

CREATE INDEX ix_users_created ON auth.users (created_at, id);

CREATE TABLE auth.oauth_providers (
    id UUID DEFAULT uuid_generate_v4() NOT NULL,
    user_id UUID NOT NULL,
    provider TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT,
    profile JSONB NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_oauth_providers PRIMARY KEY (id),
    CONSTRAINT uq_oauth_providers_issuer_subject UNIQUE (issuer, subject),
    CONSTRAINT fk_oauth_providers_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE
);

CREATE INDEX ix_oauth_providers_user_id ON auth.oauth_providers (user_id);

CREATE TABLE auth.institutions (
    id SERIAL NOT NULL,
    code CITEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_institutions PRIMARY KEY (id),
    CONSTRAINT uq_institutions_code UNIQUE (code)
);

CREATE TABLE auth.user_institutions (
    user_id UUID NOT NULL,
    institution_id INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_user_institutions PRIMARY KEY (user_id, institution_id),
    CONSTRAINT fk_user_institutions_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT fk_user_institutions_institution_id FOREIGN KEY(institution_id) REFERENCES auth.institutions (id) ON DELETE CASCADE
);

CREATE TABLE auth.roles (
    id SERIAL NOT NULL,
    name CITEXT NOT NULL,
    description TEXT,
    permissions JSONB DEFAULT '[]' NOT NULL,
    is_system_role BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_roles PRIMARY KEY (id),
    CONSTRAINT uq_roles_name UNIQUE (name)
);

CREATE TABLE auth.user_roles (
    id SERIAL NOT NULL,
    user_id UUID NOT NULL,
    role_id INTEGER NOT NULL,
    assigned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    assigned_by UUID,
    expires_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_user_roles PRIMARY KEY (id),
    CONSTRAINT uq_user_roles_user_id_role_id UNIQUE (user_id, role_id),
    CONSTRAINT fk_user_roles_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT fk_user_roles_role_id FOREIGN KEY(role_id) REFERENCES auth.roles (id) ON DELETE CASCADE
);

CREATE INDEX ix_user_roles_role_id ON auth.user_roles (role_id);

CREATE TABLE auth.sessions (
    id UUID DEFAULT uuid_generate_v4() NOT NULL,
    user_id UUID NOT NULL,
    refresh_token TEXT NOT NULL,
    refresh_token_hash TEXT NOT NULL,
    device_id TEXT,
    device_type TEXT,
    device_name TEXT,
    ip_address INET,
    user_agent TEXT,
    location_country TEXT,
    location_city TEXT,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    is_active BOOLEAN DEFAULT true NOT NULL,
    last_activity_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    kind TEXT DEFAULT 'browser' NOT NULL,
    auth_time TIMESTAMP WITH TIME ZONE NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT[] NOT NULL,
    remembered BOOLEAN DEFAULT false NOT NULL,
    absolute_expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    revoked_because TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT fk_sessions_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT uq_sessions_refresh_token UNIQUE (refresh_token),
    CONSTRAINT uq_sessions_refresh_token_hash UNIQUE (refresh_token_hash)
);

CREATE INDEX ix_sessions_user ON auth.sessions (user_id, is_active);

CREATE INDEX ix_sessions_expires_at ON auth.sessions (expires_at);

CREATE TABLE auth.verification_tokens (
    id UUID DEFAULT uuid_generate_v4() NOT NULL,
    user_id UUID NOT NULL,
    token TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    token_type TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    is_used BOOLEAN DEFAULT false NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    metadata JSONB DEFAULT '{}' NOT NULL,
    ip_address INET,
    user_agent TEXT,
    email TEXT,
    code_hash TEXT,
    attempts INTEGER DEFAULT '0' NOT NULL,
    browser_hash TEXT,
    interaction_id UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_verification_tokens PRIMARY KEY (id),
    CONSTRAINT fk_verification_tokens_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT uq_verification_tokens_token UNIQUE (token),
    CONSTRAINT uq_verification_tokens_token_hash UNIQUE (token_hash)
);

CREATE INDEX ix_verification_tokens_user ON auth.verification_tokens (user_id, token_type);

CREATE INDEX ix_verification_tokens_expires_at ON auth.verification_tokens (expires_at);

CREATE VIEW auth.password_resets AS SELECT id, user_id, token, token_hash, expires_at, is_used, used_at, ip_address, user_agent, created_at FROM auth.verification_tokens WHERE token_type = 'password_reset';

CREATE TABLE auth.login_history (
    id BIGSERIAL NOT NULL,
    user_id UUID,
    action TEXT NOT NULL,
    status TEXT NOT NULL,
    auth_method TEXT,
    failure_reason TEXT,
    ip_address INET,
    user_agent TEXT,
    device_type TEXT,
    location_country TEXT,
    location_city TEXT,
    attempted_email TEXT,
    metadata JSONB DEFAULT '{}' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_login_history PRIMARY KEY (id)
);

CREATE INDEX ix_login_history_user ON auth.login_history (user_id, id);

CREATE INDEX ix_login_history_created_at ON auth.login_history (created_at);

INSERT INTO auth.roles (name, description, permissions, is_system_role) VALUES ('super_admin', 'Everything, and who else may', '["profile:read", "profile:update", "users:read", "roles:read", "institutions:read", "stats:read", "users:create", "users:update", "users:delete", "users:lock", "users:reset_password", "roles:assign", "institutions:create", "institutions:update", "institutions:delete", "sessions:read", "sessions:revoke", "clients:read", "resources:read", "logs:read", "mail:preview", "mail:read", "maintenance:read", "roles:create", "roles:update", "roles:delete", "roles:assign_admin", "clients:create", "clients:update", "clients:delete", "resources:create", "resources:update", "resources:delete", "keys:read", "keys:rotate", "sessions:revoke_all", "mail:send", "maintenance:run", "settings:read", "settings:update"]', true);

INSERT INTO auth.roles (name, description, permissions, is_system_role) VALUES ('admin', 'People, institutions and their sign-ins', '["profile:read", "profile:update", "users:read", "roles:read", "institutions:read", "stats:read", "users:create", "users:update", "users:delete", "users:lock", "users:reset_password", "roles:assign", "institutions:create", "institutions:update", "institutions:delete", "sessions:read", "sessions:revoke", "clients:read", "resources:read", "logs:read", "mail:preview", "mail:read", "maintenance:read"]', true);

INSERT INTO auth.roles (name, description, permissions, is_system_role) VALUES ('editor', 'Looks at people, changes nobody but themselves', '["profile:read", "profile:update", "users:read", "roles:read", "institutions:read", "stats:read"]', true);

INSERT INTO auth.roles (name, description, permissions, is_system_role) VALUES ('user', 'Their own account', '["profile:read", "profile:update"]', true);

INSERT INTO auth.institutions (code, name) VALUES ('default', 'Default');

INSERT INTO auth.authserver_version (version_num) VALUES ('0001') RETURNING auth.authserver_version.version_num;

-- Running upgrade 0001 -> 0002

CREATE TABLE auth.clients (
    id UUID NOT NULL,
    client_id TEXT NOT NULL,
    name TEXT NOT NULL,
    profile TEXT DEFAULT 'oidc' NOT NULL,
    redirect_uris TEXT[] NOT NULL,
    post_logout_redirect_uris TEXT[] NOT NULL,
    grant_types TEXT[] NOT NULL,
    response_types TEXT[] NOT NULL,
    scope TEXT NOT NULL,
    token_endpoint_auth_method TEXT NOT NULL,
    jwks JSONB,
    skip_consent BOOLEAN DEFAULT false NOT NULL,
    metadata JSONB DEFAULT '{}' NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_clients PRIMARY KEY (id),
    CONSTRAINT uq_clients_client_id UNIQUE (client_id)
);

CREATE TABLE auth.client_secrets (
    id UUID NOT NULL,
    client_id UUID NOT NULL,
    secret_hash TEXT NOT NULL,
    secret_sealed TEXT,
    expires_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_client_secrets PRIMARY KEY (id),
    CONSTRAINT fk_client_secrets_client_id FOREIGN KEY(client_id) REFERENCES auth.clients (id) ON DELETE CASCADE
);

CREATE INDEX ix_client_secrets_client_id ON auth.client_secrets (client_id);

CREATE TABLE auth.interactions (
    id UUID NOT NULL,
    client_id UUID NOT NULL,
    request JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    account_chosen_at TIMESTAMP WITH TIME ZONE,
    consented_at TIMESTAMP WITH TIME ZONE,
    consented_by UUID,
    granted_scope TEXT,
    denied_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_interactions PRIMARY KEY (id),
    CONSTRAINT fk_interactions_client_id FOREIGN KEY(client_id) REFERENCES auth.clients (id) ON DELETE CASCADE
);

CREATE INDEX ix_interactions_expires_at ON auth.interactions (expires_at);

CREATE TABLE auth.authorization_codes (
    id UUID NOT NULL,
    code_hash TEXT NOT NULL,
    client_id UUID NOT NULL,
    user_id UUID NOT NULL,
    session_id UUID,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    nonce TEXT,
    challenge TEXT,
    claims JSONB,
    auth_time TIMESTAMP WITH TIME ZONE NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_authorization_codes PRIMARY KEY (id),
    CONSTRAINT uq_authorization_codes_code_hash UNIQUE (code_hash),
    CONSTRAINT fk_authorization_codes_client_id FOREIGN KEY(client_id) REFERENCES auth.clients (id) ON DELETE CASCADE,
    CONSTRAINT fk_authorization_codes_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE
);

CREATE INDEX ix_authorization_codes_expires_at ON auth.authorization_codes (expires_at);

CREATE TABLE auth.token_families (
    id UUID NOT NULL,
    client_id UUID NOT NULL,
    user_id UUID NOT NULL,
    session_id UUID,
    scope TEXT NOT NULL,
    claims JSONB,
    auth_time TIMESTAMP WITH TIME ZONE NOT NULL,
    acr TEXT NOT NULL,
    amr TEXT[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_because TEXT,
    CONSTRAINT pk_token_families PRIMARY KEY (id),
    CONSTRAINT fk_token_families_client_id FOREIGN KEY(client_id) REFERENCES auth.clients (id) ON DELETE CASCADE,
    CONSTRAINT fk_token_families_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE
);

CREATE INDEX ix_token_families_user ON auth.token_families (user_id, client_id);

CREATE INDEX ix_token_families_session_id ON auth.token_families (session_id);

CREATE INDEX ix_token_families_expires_at ON auth.token_families (expires_at);

CREATE TABLE auth.refresh_tokens (
    id UUID NOT NULL,
    family_id UUID NOT NULL,
    token_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    successor_id UUID,
    CONSTRAINT pk_refresh_tokens PRIMARY KEY (id),
    CONSTRAINT fk_refresh_tokens_family_id FOREIGN KEY(family_id) REFERENCES auth.token_families (id) ON DELETE CASCADE,
    CONSTRAINT uq_refresh_tokens_token_hash UNIQUE (token_hash)
);

CREATE INDEX ix_refresh_tokens_family_id ON auth.refresh_tokens (family_id);

CREATE INDEX ix_refresh_tokens_expires_at ON auth.refresh_tokens (expires_at);

CREATE TABLE auth.revoked_tokens (
    jti TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_revoked_tokens PRIMARY KEY (jti)
);

CREATE INDEX ix_revoked_tokens_expires_at ON auth.revoked_tokens (expires_at);

CREATE TABLE auth.spent_assertions (
    fingerprint TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_spent_assertions PRIMARY KEY (fingerprint)
);

CREATE INDEX ix_spent_assertions_expires_at ON auth.spent_assertions (expires_at);

CREATE TABLE auth.client_consents (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    client_id UUID NOT NULL,
    scope TEXT NOT NULL,
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_client_consents PRIMARY KEY (id),
    CONSTRAINT uq_client_consents_user_id_client_id UNIQUE (user_id, client_id),
    CONSTRAINT fk_client_consents_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT fk_client_consents_client_id FOREIGN KEY(client_id) REFERENCES auth.clients (id) ON DELETE CASCADE
);

CREATE TABLE auth.terms_consents (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    document TEXT NOT NULL,
    version TEXT NOT NULL,
    accepted BOOLEAN NOT NULL,
    ip_address INET,
    user_agent TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_terms_consents PRIMARY KEY (id),
    CONSTRAINT fk_terms_consents_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE
);

CREATE INDEX ix_terms_consents_user_id ON auth.terms_consents (user_id);

CREATE TABLE auth.security_events (
    id BIGSERIAL NOT NULL,
    event TEXT NOT NULL,
    user_id UUID,
    actor_id UUID,
    client_id UUID,
    ip_address INET,
    user_agent TEXT,
    trace_id TEXT,
    reason TEXT,
    facts JSONB DEFAULT '{}' NOT NULL,
    chain TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_security_events PRIMARY KEY (id)
);

CREATE INDEX ix_security_events_user ON auth.security_events (user_id, id);

CREATE INDEX ix_security_events_created_at ON auth.security_events (created_at);

CREATE TABLE auth.signing_keys (
    kid TEXT NOT NULL,
    alg TEXT NOT NULL,
    state TEXT NOT NULL,
    private_sealed TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    activated_at TIMESTAMP WITH TIME ZONE,
    retired_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_signing_keys PRIMARY KEY (kid)
);

CREATE TABLE auth.outbox (
    id UUID NOT NULL,
    letter TEXT NOT NULL,
    recipient TEXT NOT NULL,
    user_id UUID,
    message_sealed TEXT,
    status TEXT DEFAULT 'waiting' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    not_before TIMESTAMP WITH TIME ZONE NOT NULL,
    claimed_until TIMESTAMP WITH TIME ZONE,
    sent_at TIMESTAMP WITH TIME ZONE,
    last_error TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_outbox PRIMARY KEY (id)
);

CREATE INDEX ix_outbox_due ON auth.outbox (status, not_before);

CREATE TABLE auth.rate_limits (
    key TEXT NOT NULL,
    count INTEGER NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_rate_limits PRIMARY KEY (key)
);

CREATE INDEX ix_rate_limits_expires_at ON auth.rate_limits (expires_at);

CREATE TABLE auth.preferences (
    name TEXT NOT NULL,
    value JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_preferences PRIMARY KEY (name)
);

UPDATE auth.authserver_version SET version_num='0002' WHERE auth.authserver_version.version_num = '0001';

-- Running upgrade 0002 -> 0003

CREATE TABLE auth.remembered_answers (
    key TEXT NOT NULL,
    request_print TEXT NOT NULL,
    status INTEGER,
    answer_sealed TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_remembered_answers PRIMARY KEY (key)
);

CREATE INDEX ix_remembered_answers_expires_at ON auth.remembered_answers (expires_at);

ALTER TABLE auth.users ADD COLUMN anonymised_at TIMESTAMP WITH TIME ZONE;

CREATE INDEX ix_users_to_anonymise ON auth.users (deleted_at) WHERE deleted_at IS NOT NULL AND anonymised_at IS NULL;

UPDATE auth.authserver_version SET version_num='0003' WHERE auth.authserver_version.version_num = '0002';

-- Running upgrade 0003 -> 0004

CREATE TABLE auth.connection_attempts (
    id UUID NOT NULL,
    state_hash TEXT NOT NULL,
    provider TEXT NOT NULL,
    face TEXT NOT NULL,
    browser_hash TEXT NOT NULL,
    secrets_sealed TEXT NOT NULL,
    return_to TEXT,
    remember BOOLEAN NOT NULL,
    interaction_id UUID,
    user_id UUID,
    session_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_connection_attempts PRIMARY KEY (id),
    CONSTRAINT fk_connection_attempts_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE
);

CREATE INDEX ix_connection_attempts_expires_at ON auth.connection_attempts (expires_at);

CREATE TABLE auth.audit_chain (
    name TEXT NOT NULL,
    first_position BIGINT NOT NULL,
    first_chain TEXT NOT NULL,
    last_position BIGINT NOT NULL,
    last_chain TEXT NOT NULL,
    seal TEXT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_audit_chain PRIMARY KEY (name)
);

ALTER TABLE auth.security_events ADD COLUMN position BIGINT;

CREATE INDEX ix_security_events_waiting ON auth.security_events (id) WHERE chain IS NULL;

CREATE UNIQUE INDEX ix_security_events_position ON auth.security_events (position) WHERE position IS NOT NULL;

UPDATE auth.authserver_version SET version_num='0004' WHERE auth.authserver_version.version_num = '0003';

-- Running upgrade 0004 -> 0005

CREATE INDEX ix_users_status ON auth.users (status, created_at, id);

DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA extensions; CREATE INDEX ix_users_searched ON auth.users USING gin ((lower(email::text) || ' ' || lower(coalesce(full_name, '')) || ' ' || lower(coalesce(username::text, '')) || ' ' || coalesce(phone, '')) gin_trgm_ops); EXCEPTION WHEN insufficient_privilege THEN RAISE NOTICE 'without pg_trgm a search reads all people'; END $$;

UPDATE auth.authserver_version SET version_num='0005' WHERE auth.authserver_version.version_num = '0004';

-- Running upgrade 0005 -> 0006

CREATE TABLE auth.passkeys (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    credential_id TEXT NOT NULL,
    public_key TEXT NOT NULL,
    sign_count BIGINT NOT NULL,
    aaguid TEXT NOT NULL,
    is_synced BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_passkeys PRIMARY KEY (id),
    CONSTRAINT uq_passkeys_credential_id UNIQUE (credential_id),
    CONSTRAINT fk_passkeys_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE
);

CREATE INDEX ix_passkeys_user_id ON auth.passkeys (user_id);

UPDATE auth.authserver_version SET version_num='0006' WHERE auth.authserver_version.version_num = '0005';

-- Running upgrade 0006 -> 0007

CREATE TABLE auth.pushed_requests (
    id UUID NOT NULL,
    uri_hash TEXT NOT NULL,
    client_id UUID NOT NULL,
    request JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_pushed_requests PRIMARY KEY (id),
    CONSTRAINT uq_pushed_requests_uri_hash UNIQUE (uri_hash),
    CONSTRAINT fk_pushed_requests_client_id FOREIGN KEY(client_id) REFERENCES auth.clients (id) ON DELETE CASCADE
);

CREATE INDEX ix_pushed_requests_expires_at ON auth.pushed_requests (expires_at);

ALTER TABLE auth.interactions ADD COLUMN pushed_id UUID;

UPDATE auth.authserver_version SET version_num='0007' WHERE auth.authserver_version.version_num = '0006';

-- Running upgrade 0007 -> 0008

CREATE INDEX ix_sessions_created ON auth.sessions (created_at, id);

CREATE INDEX ix_token_families_created_at ON auth.token_families (created_at);

CREATE INDEX ix_outbox_created_at ON auth.outbox (created_at);

UPDATE auth.authserver_version SET version_num='0008' WHERE auth.authserver_version.version_num = '0007';

-- Running upgrade 0008 -> 0009

ALTER TABLE auth.authorization_codes ADD COLUMN dpop_jkt TEXT;

ALTER TABLE auth.token_families ADD COLUMN cnf JSONB;

CREATE TABLE auth.spent_proofs (
    fingerprint TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_spent_proofs PRIMARY KEY (fingerprint)
);

CREATE INDEX ix_spent_proofs_expires_at ON auth.spent_proofs (expires_at);

UPDATE auth.authserver_version SET version_num='0009' WHERE auth.authserver_version.version_num = '0008';

-- Running upgrade 0009 -> 0010

ALTER TABLE auth.clients ADD COLUMN registered_by TEXT DEFAULT 'operator' NOT NULL;

ALTER TABLE auth.clients ADD COLUMN registration_token_hash TEXT;

ALTER TABLE auth.clients ADD COLUMN initial_token_id UUID;

ALTER TABLE auth.clients ADD COLUMN unused_until TIMESTAMP WITH TIME ZONE;

ALTER TABLE auth.clients ADD COLUMN fresh_until TIMESTAMP WITH TIME ZONE;

CREATE INDEX ix_clients_unused_until ON auth.clients (unused_until);

CREATE INDEX ix_authorization_codes_client_id ON auth.authorization_codes (client_id);

CREATE INDEX ix_client_consents_client_id ON auth.client_consents (client_id);

CREATE INDEX ix_interactions_client_id ON auth.interactions (client_id);

CREATE INDEX ix_pushed_requests_client_id ON auth.pushed_requests (client_id);

CREATE INDEX ix_token_families_client_id ON auth.token_families (client_id);

CREATE TABLE auth.initial_tokens (
    id UUID NOT NULL,
    token_hash TEXT NOT NULL,
    note TEXT NOT NULL,
    profile TEXT NOT NULL,
    uses INTEGER NOT NULL,
    uses_left INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_initial_tokens PRIMARY KEY (id),
    CONSTRAINT uq_initial_tokens_token_hash UNIQUE (token_hash)
);

CREATE INDEX ix_initial_tokens_expires_at ON auth.initial_tokens (expires_at);

CREATE TABLE auth.client_logos (
    client_id UUID NOT NULL,
    address TEXT NOT NULL,
    image BYTEA NOT NULL,
    digest TEXT NOT NULL,
    fetched_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_client_logos PRIMARY KEY (client_id),
    CONSTRAINT fk_client_logos_client_id FOREIGN KEY(client_id) REFERENCES auth.clients (id) ON DELETE CASCADE
);

UPDATE auth.authserver_version SET version_num='0010' WHERE auth.authserver_version.version_num = '0009';

-- Running upgrade 0010 -> 0011

CREATE TABLE auth.resources (
    id UUID NOT NULL,
    identifier TEXT NOT NULL,
    name TEXT NOT NULL,
    names JSONB NOT NULL,
    scopes JSONB NOT NULL,
    token_ttl INTEGER,
    signing_alg TEXT,
    introspection_clients TEXT[] NOT NULL,
    is_open BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_resources PRIMARY KEY (id),
    CONSTRAINT uq_resources_identifier UNIQUE (identifier)
);

ALTER TABLE auth.authorization_codes ADD COLUMN resources TEXT[];

ALTER TABLE auth.token_families ADD COLUMN resources TEXT[];

ALTER TABLE auth.client_consents ADD COLUMN resources TEXT[];

UPDATE auth.authserver_version SET version_num='0011' WHERE auth.authserver_version.version_num = '0010';

-- Running upgrade 0011 -> 0012

CREATE TABLE auth.detail_types (
    id UUID NOT NULL,
    type TEXT NOT NULL,
    fields JSONB NOT NULL,
    required TEXT[] NOT NULL,
    texts JSONB NOT NULL,
    resources TEXT[] NOT NULL,
    is_remembered BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_detail_types PRIMARY KEY (id),
    CONSTRAINT uq_detail_types_type UNIQUE (type)
);

ALTER TABLE auth.authorization_codes ADD COLUMN details JSONB;

ALTER TABLE auth.token_families ADD COLUMN details JSONB;

ALTER TABLE auth.client_consents ADD COLUMN details JSONB;

UPDATE auth.authserver_version SET version_num='0012' WHERE auth.authserver_version.version_num = '0011';

-- Running upgrade 0012 -> 0013

CREATE TABLE auth.device_grants (
    id UUID NOT NULL,
    secret_hash TEXT NOT NULL,
    client_id UUID NOT NULL,
    user_id UUID,
    scope TEXT NOT NULL,
    resources TEXT[],
    details JSONB,
    interval_s INTEGER NOT NULL,
    polled_at TIMESTAMP WITH TIME ZONE,
    auth_time TIMESTAMP WITH TIME ZONE,
    acr TEXT,
    amr TEXT[],
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    allowed_at TIMESTAMP WITH TIME ZONE,
    denied_at TIMESTAMP WITH TIME ZONE,
    used_at TIMESTAMP WITH TIME ZONE,
    user_code_hash TEXT NOT NULL,
    user_code_sealed TEXT NOT NULL,
    ip_address INET,
    user_agent TEXT,
    CONSTRAINT pk_device_grants PRIMARY KEY (id),
    CONSTRAINT uq_device_grants_secret_hash UNIQUE (secret_hash),
    CONSTRAINT uq_device_grants_user_code_hash UNIQUE (user_code_hash),
    CONSTRAINT fk_device_grants_client_id FOREIGN KEY(client_id) REFERENCES auth.clients (id) ON DELETE CASCADE,
    CONSTRAINT fk_device_grants_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE
);

CREATE INDEX ix_device_grants_expires_at ON auth.device_grants (expires_at);

CREATE INDEX ix_device_grants_client_id ON auth.device_grants (client_id);

CREATE INDEX ix_device_grants_user_id ON auth.device_grants (user_id);

ALTER TABLE auth.interactions ADD COLUMN device_id UUID;

UPDATE auth.authserver_version SET version_num='0013' WHERE auth.authserver_version.version_num = '0012';

-- Running upgrade 0013 -> 0014

CREATE TABLE auth.trusted_devices (
    id UUID NOT NULL,
    user_id UUID NOT NULL,
    device_id TEXT NOT NULL,
    name TEXT,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_trusted_devices PRIMARY KEY (id),
    CONSTRAINT uq_trusted_devices_user_id_device_id UNIQUE (user_id, device_id),
    CONSTRAINT fk_trusted_devices_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE
);

CREATE INDEX ix_trusted_devices_expires_at ON auth.trusted_devices (expires_at);

UPDATE auth.authserver_version SET version_num='0014' WHERE auth.authserver_version.version_num = '0013';

-- Running upgrade 0014 -> 0015

CREATE INDEX ix_sessions_ip ON auth.sessions (ip_address, created_at, id);

CREATE INDEX ix_login_history_ip ON auth.login_history (ip_address, id);

CREATE INDEX ix_security_events_event ON auth.security_events (event, id);

CREATE INDEX ix_security_events_trace_id ON auth.security_events (trace_id);

CREATE INDEX ix_security_events_ip ON auth.security_events (ip_address, id);

CREATE INDEX ix_security_events_actor ON auth.security_events (actor_id, id);

UPDATE auth.authserver_version SET version_num='0015' WHERE auth.authserver_version.version_num = '0014';

-- Running upgrade 0015 -> 0016

CREATE TABLE auth.notices (
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    client_id UUID NOT NULL,
    user_id UUID,
    session_id UUID,
    status TEXT DEFAULT 'waiting' NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    not_before TIMESTAMP WITH TIME ZONE NOT NULL,
    claimed_until TIMESTAMP WITH TIME ZONE,
    sent_at TIMESTAMP WITH TIME ZONE,
    last_error TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_notices PRIMARY KEY (id),
    CONSTRAINT fk_notices_client_id FOREIGN KEY(client_id) REFERENCES auth.clients (id) ON DELETE CASCADE,
    CONSTRAINT fk_notices_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE
);

CREATE INDEX ix_notices_due ON auth.notices (status, not_before);

CREATE INDEX ix_notices_client ON auth.notices (client_id, created_at);

CREATE INDEX ix_notices_session_id ON auth.notices (session_id);

UPDATE auth.authserver_version SET version_num='0016' WHERE auth.authserver_version.version_num = '0015';

-- Running upgrade 0016 -> 0017

CREATE TABLE auth.event_streams (
    id UUID NOT NULL,
    client_id UUID NOT NULL,
    method TEXT NOT NULL,
    endpoint_url TEXT,
    authorization_sealed TEXT,
    events_requested TEXT[] NOT NULL,
    description TEXT,
    status TEXT DEFAULT 'enabled' NOT NULL,
    reason TEXT,
    verified_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_event_streams PRIMARY KEY (id),
    CONSTRAINT uq_event_streams_client_id UNIQUE (client_id),
    CONSTRAINT fk_event_streams_client_id FOREIGN KEY(client_id) REFERENCES auth.clients (id) ON DELETE CASCADE
);

CREATE TABLE auth.stream_subjects (
    stream_id UUID NOT NULL,
    user_id UUID NOT NULL,
    is_included BOOLEAN DEFAULT true NOT NULL,
    CONSTRAINT pk_stream_subjects PRIMARY KEY (stream_id, user_id),
    CONSTRAINT fk_stream_subjects_stream_id FOREIGN KEY(stream_id) REFERENCES auth.event_streams (id) ON DELETE CASCADE,
    CONSTRAINT fk_stream_subjects_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE
);

ALTER TABLE auth.notices ADD COLUMN stream_id UUID;

ALTER TABLE auth.notices ADD COLUMN payload JSONB;

CREATE INDEX ix_notices_stream ON auth.notices (stream_id, status, created_at);

CREATE INDEX ix_event_streams_client_id ON auth.event_streams (client_id);

UPDATE auth.authserver_version SET version_num='0017' WHERE auth.authserver_version.version_num = '0016';

-- Running upgrade 0017 -> 0018

CREATE TABLE auth.backchannel_requests (
    id UUID NOT NULL,
    secret_hash TEXT NOT NULL,
    client_id UUID NOT NULL,
    user_id UUID,
    scope TEXT NOT NULL,
    resources TEXT[],
    details JSONB,
    interval_s INTEGER NOT NULL,
    polled_at TIMESTAMP WITH TIME ZONE,
    auth_time TIMESTAMP WITH TIME ZONE,
    acr TEXT,
    amr TEXT[],
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    allowed_at TIMESTAMP WITH TIME ZONE,
    denied_at TIMESTAMP WITH TIME ZONE,
    used_at TIMESTAMP WITH TIME ZONE,
    binding_message TEXT,
    ping_sealed TEXT,
    CONSTRAINT pk_backchannel_requests PRIMARY KEY (id),
    CONSTRAINT uq_backchannel_requests_secret_hash UNIQUE (secret_hash),
    CONSTRAINT fk_backchannel_requests_client_id FOREIGN KEY(client_id) REFERENCES auth.clients (id) ON DELETE CASCADE,
    CONSTRAINT fk_backchannel_requests_user_id FOREIGN KEY(user_id) REFERENCES auth.users (id) ON DELETE CASCADE
);

CREATE INDEX ix_backchannel_requests_expires_at ON auth.backchannel_requests (expires_at);

CREATE INDEX ix_backchannel_requests_client_id ON auth.backchannel_requests (client_id);

CREATE INDEX ix_backchannel_requests_user_id ON auth.backchannel_requests (user_id);

CREATE INDEX ix_backchannel_requests_pings ON auth.backchannel_requests (expires_at) WHERE ping_sealed IS NOT NULL;

UPDATE auth.authserver_version SET version_num='0018' WHERE auth.authserver_version.version_num = '0017';

-- Running upgrade 0018 -> 0019

CREATE INDEX ix_outbox_created ON auth.outbox (created_at, id);

CREATE INDEX ix_outbox_status ON auth.outbox (status, created_at, id);

CREATE INDEX ix_outbox_letter ON auth.outbox (letter, created_at, id);

CREATE INDEX ix_outbox_recipient ON auth.outbox (recipient, created_at, id);

DROP INDEX auth.ix_outbox_created_at;

UPDATE auth.authserver_version SET version_num='0019' WHERE auth.authserver_version.version_num = '0018';

-- Running upgrade 0019 -> 0020

ALTER TABLE auth.resources ADD COLUMN token_typ TEXT;

UPDATE auth.authserver_version SET version_num='0020' WHERE auth.authserver_version.version_num = '0019';

-- Running upgrade 0020 -> 0021

CREATE TABLE auth.refused_requests (
    id UUID NOT NULL,
    trace_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    client_id UUID,
    interaction_id UUID,
    grant_id UUID,
    asked JSONB NOT NULL,
    error TEXT NOT NULL,
    status INTEGER NOT NULL,
    description TEXT NOT NULL,
    detail TEXT NOT NULL,
    parameter TEXT,
    section TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_refused_requests PRIMARY KEY (id)
);

CREATE INDEX ix_refused_requests_created_at ON auth.refused_requests (created_at, id);

CREATE INDEX ix_refused_requests_trace_id ON auth.refused_requests (trace_id);

CREATE INDEX ix_refused_requests_client_id ON auth.refused_requests (client_id, created_at);

CREATE INDEX ix_refused_requests_interaction_id ON auth.refused_requests (interaction_id);

CREATE INDEX ix_refused_requests_grant_id ON auth.refused_requests (grant_id);

ALTER TABLE auth.interactions ADD COLUMN trace_id TEXT;

CREATE INDEX ix_interactions_created_at ON auth.interactions (created_at, id);

CREATE INDEX ix_interactions_trace_id ON auth.interactions (trace_id);

UPDATE auth.authserver_version SET version_num='0021' WHERE auth.authserver_version.version_num = '0020';

-- Running upgrade 0021 -> 0022

ALTER TABLE auth.login_history ADD COLUMN trace_id TEXT;

CREATE INDEX ix_login_history_trace_id ON auth.login_history (trace_id);

UPDATE auth.authserver_version SET version_num='0022' WHERE auth.authserver_version.version_num = '0021';

COMMIT;
