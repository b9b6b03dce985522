-- What a service built from the tables of the seeds left behind, with people in it.
CREATE SCHEMA auth;
CREATE SCHEMA extensions;
CREATE EXTENSION citext SCHEMA extensions;
CREATE EXTENSION "uuid-ossp" SCHEMA extensions;

CREATE TABLE auth.users (
    id uuid PRIMARY KEY DEFAULT extensions.uuid_generate_v4(),
    email extensions.citext NOT NULL UNIQUE,
    phone varchar UNIQUE,
    username varchar UNIQUE,
    full_name varchar,
    avatar_url text,
    date_of_birth date,
    password_hash varchar,
    status varchar NOT NULL DEFAULT 'pending_verification',
    is_email_verified boolean NOT NULL DEFAULT false,
    is_phone_verified boolean NOT NULL DEFAULT false,
    email_verified_at timestamptz,
    phone_verified_at timestamptz,
    failed_login_attempts integer NOT NULL DEFAULT 0,
    locked_until timestamptz,
    last_password_change timestamptz,
    mfa_enabled boolean NOT NULL DEFAULT false,
    mfa_secret varchar,
    mfa_backup_codes text[],
    language varchar NOT NULL DEFAULT 'pt-BR',
    timezone varchar NOT NULL DEFAULT 'America/Sao_Paulo',
    metadata jsonb DEFAULT '{}',
    last_login_at timestamptz,
    last_seen_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    loyalty_points integer NOT NULL DEFAULT 0
);

CREATE TABLE auth.sessions (
    id uuid PRIMARY KEY DEFAULT extensions.uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES auth.users (id),
    refresh_token varchar NOT NULL UNIQUE,
    refresh_token_hash varchar NOT NULL UNIQUE,
    device_id varchar,
    device_type varchar,
    device_name varchar,
    ip_address inet NOT NULL,
    user_agent text,
    location_country varchar,
    location_city varchar,
    expires_at timestamptz NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    last_activity_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamp NOT NULL DEFAULT now(),
    revoked_at timestamptz
);

CREATE TABLE auth.verification_tokens (
    id uuid PRIMARY KEY DEFAULT extensions.uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES auth.users (id),
    token varchar NOT NULL UNIQUE,
    token_hash varchar NOT NULL UNIQUE,
    token_type varchar NOT NULL,
    expires_at timestamptz NOT NULL,
    is_used boolean NOT NULL DEFAULT false,
    used_at timestamptz,
    metadata jsonb NOT NULL DEFAULT '{}',
    ip_address inet,
    user_agent text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE auth.login_history (
    id serial PRIMARY KEY,
    user_id uuid,
    action varchar NOT NULL,
    status varchar NOT NULL,
    auth_method varchar,
    failure_reason varchar,
    ip_address inet NOT NULL,
    user_agent text,
    device_type varchar,
    location_country varchar,
    location_city varchar,
    attempted_email varchar,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE auth.roles (
    id integer PRIMARY KEY,
    name varchar NOT NULL UNIQUE,
    description text,
    permissions jsonb NOT NULL DEFAULT '[]',
    is_system_role boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE auth.user_roles (
    id serial PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES auth.users (id),
    role_id integer NOT NULL REFERENCES auth.roles (id),
    assigned_at timestamptz NOT NULL DEFAULT now(),
    assigned_by uuid,
    expires_at timestamptz
);

CREATE TABLE auth.coupons (id serial PRIMARY KEY, code text);
