"""A large service: a million people, their sessions, ten million lines of each log."""

import time
from typing import Any

from sqlalchemy import text

from bench.plans import say

SECONDS_APART = 20
"""How long after one person the next came."""

FILL = (
    """INSERT INTO auth.users (id, email, full_name, username, status, profile,
         is_email_verified, created_at, updated_at, last_login_at)
       SELECT gen_random_uuid(), 'person' || n || '@example.test',
         (ARRAY['Ada','Bea','Cy','Dora','Eve'])[1 + n % 5] || ' Number ' || n,
         'person' || n, (ARRAY['active','active','active','locked'])[1 + n % 4], '{{}}',
         true, now() - n * interval '{apart} seconds', now(), now()
       FROM generate_series(1, {users}) n""",
    """INSERT INTO auth.user_roles (user_id, role_id, assigned_at)
       SELECT u.id, r.id, now() FROM auth.users u, auth.roles r
       WHERE r.name = 'editor' AND u.username LIKE 'person%77777'""",
    """INSERT INTO auth.sessions (id, user_id, refresh_token, refresh_token_hash,
         expires_at, absolute_expires_at, is_active, auth_time, acr, amr, created_at,
         last_activity_at, ip_address, device_name)
       SELECT gen_random_uuid(), u.id, gen_random_uuid(), gen_random_uuid(),
         now() + interval '1 day', now() + interval '9 days', true, now(), '1',
         '{{pwd}}', u.created_at, now(), '198.51.100.7', 'Firefox, Linux'
       FROM auth.users u""",
    """INSERT INTO auth.login_history (user_id, action, status, auth_method, ip_address,
         attempted_email, user_agent, created_at)
       SELECT NULL, 'login', (ARRAY['success','success','failure'])[1 + n % 3],
         'password', ('10.' || n % 256 || '.' || (n / 256) % 256 || '.7')::inet,
         'person' || n % {users} || '@example.test', 'Mozilla/5.0 (X11; Linux x86_64)',
         now() - ({lines} - n) * interval '3 seconds'
       FROM generate_series(1, {lines}) n""",
    """INSERT INTO auth.security_events (event, user_id, ip_address, trace_id, facts,
         created_at)
       SELECT CASE WHEN n % 1000003 = 7 THEN 'user:mfa:disabled'
              ELSE 'user:profile:changed' END,
         NULL, ('10.' || n % 256 || '.' || (n / 256) % 256 || '.7')::inet,
         md5(n::text), '{{}}', now() - ({lines} - n) * interval '3 seconds'
       FROM generate_series(1, {lines}) n""",
    "ANALYZE",
)


def fill(engine: Any, *, users: int, lines: int) -> None:
    """Make as many people, and lines of each log, as are asked for."""
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        for statement in FILL:
            begun = time.monotonic()
            sizes = {"users": users, "lines": lines, "apart": SECONDS_APART}
            connection.execute(text(statement.format(**sizes)))
            connection.commit()
            said = " ".join(statement.split()[:3])
            say(f"{time.monotonic() - begun:8.1f} s   {said}")
