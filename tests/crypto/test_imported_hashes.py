"""Hashes of other systems: verified when right, and never trusted."""

import base64
import hashlib
import time

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2d

from authserver.crypto.password_hash import PasswordHasher, kind_of

LONG = "correct horse battery staple " * 4  # 116 characters
PEPPER = b"pepper" * 6


def argon(**changed):
    """The cheapest Argon2id there is: its strength is not what we test here."""
    return PasswordHasher(**{"memory_kib": 8, "iterations": 1, **changed})


def bcrypt(**changed):
    return PasswordHasher(algorithm="bcrypt", bcrypt_rounds=10, **changed)


PASSWD_SALT = (
    "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
    "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783"
)
EMPTY = (
    "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
    "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
)
SODIUM = (
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
)
PLEASE = "pleaseletmein"


def b64(digits):
    return base64.b64encode(bytes.fromhex(digits)).decode()


@pytest.mark.parametrize(
    ("encoded", "password"),
    [
        # the reference implementation of Argon2 (phc-winner-argon2, test.c)
        (
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ"
            "$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            "password",
        ),
        # crypt_blowfish
        ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
        ("$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
        ("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"),
        (
            "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
            "0123456789abcdefghijklmnopqrstuvwxyz"
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
        ),
        # the documentation of passlib
        (
            "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku"
            "$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
            "password",
        ),
        (
            "$pbkdf2-sha256$1212$4vjV83LKPjQzk31VI4E0Vw"
            "$hsYF68OiOUPdDZ1Fg.fJPeq1h/gXXY7acBp9/6c.tmQ",
            "password",
        ),
        (
            "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q"
            "$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
            "password",
        ),
        # RFC 6070, the fourth
        ("$pbkdf2$4096$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE", "password"),
        # RFC 7914 §11, the first; and §12, the first and the third
        (f"$pbkdf2-sha256$i=1,l=64$c2FsdA${b64(PASSWD_SALT)}", "passwd"),
        (f"$scrypt$ln=4,r=1,p=1$${b64(EMPTY)}", ""),
        (f"$scrypt$ln=14,r=8,p=1${b64(b'SodiumChloride'.hex())}${b64(SODIUM)}", PLEASE),
        # the same values as Django and Werkzeug write them
        (f"pbkdf2_sha256$1$salt${b64(PASSWD_SALT)}", "passwd"),
        (f"pbkdf2:sha256:1$salt${PASSWD_SALT}", "passwd"),
        (f"scrypt:16384:8:1$SodiumChloride${SODIUM}", PLEASE),
        (f"scrypt$16384$SodiumChloride$8$1${b64(SODIUM)}", PLEASE),
        # the reference implementation again
        (
            "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ"
            "$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
            "password",
        ),
    ],
)
def test_hashes_of_other_systems(encoded, password):
    hasher = argon(pepper=PEPPER)  # which they of course do not have
    assert hasher.verify(encoded, password)
    assert not hasher.verify(encoded, "not " + password)
    assert hasher.needs_rehash(encoded)


@pytest.mark.parametrize(
    ("wrapper", "inner"),
    [
        (
            "argon2{}",
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ"
            "$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        ),
        ("bcrypt${}", None),
        ("{{bcrypt}}{}", None),
    ],
)
def test_a_name_in_front_is_taken_off(wrapper, inner):
    inner = inner or bcrypt().hash("password")
    assert argon().verify(wrapper.format(inner), "password")
    assert not argon().verify(wrapper.format(inner), "Password")


def test_an_imported_bcrypt_hash_of_a_long_password_still_fits():
    """Others cut at 72 bytes; their hash must work, once, until it is replaced."""
    theirs = bcrypt().hash(LONG[:72])
    assert bcrypt().verify(theirs, LONG)


def test_the_third_kind_of_argon2():
    kdf = Argon2d(salt=b"somesalt", length=32, iterations=1, lanes=1, memory_cost=8)
    encoded = kdf.derive_phc_encoded(b"password")
    assert argon().verify(encoded, "password")
    assert not argon().verify(encoded.replace("argon2d", "argon2i"), "password")
    assert argon().needs_rehash(encoded)


def test_djangos_bcrypt_over_sha256():
    digest = hashlib.sha256(LONG.encode()).hexdigest()
    encoded = f"bcrypt_sha256${bcrypt().hash(digest)}"
    assert argon().verify(encoded, LONG)
    assert not argon().verify(encoded, LONG[:72])
    assert not argon().verify(encoded, digest)
    assert argon().needs_rehash(encoded)


MALFORMED = [
    "",
    "plain",
    "$",
    "!",
    "*",
    "$argon2id$",
    "$argon2x$v=19$m=16,t=2,p=1$c29tZXNhbHQ$GpZ3sK/oEzl6ehRpzxSwAA",
    "$argon2id$v=16$m=8,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$",
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAA",
    "$argon2id$v=19$m=8,t=1,p=1$$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    "$argon2id$v=19$m=8,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    "$argon2id$v=19$m=8,t=1,p=0$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    "$2b$04$short",
    "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeé",
    "$bcrypt-sha256$v=2,t=2b,r=2$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
    "$pbkdf2-sha256$0$c2FsdA$AAAA",
    "$pbkdf2-sha256$1$c2FsdA$A",
    "$pbkdf2-sha256$1$c2FsdA$====",
    "$scrypt$ln=0,r=8,p=1$c2FsdA$AAAA",
    "scrypt:15:8:1$salt$00",
    "scrypt:16:8:1$salt$0",
    None,
    7,
    b"$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
]

GREEDY = [  # each would take gigabytes, or hours
    "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    "$argon2id$v=19$m=8,t=4294967295,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
    "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "$bcrypt-sha256$v=2,t=2b,r=31$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2",
    "$pbkdf2-sha256$99999999$c2FsdA$AAAA",
    "$scrypt$ln=30,r=8,p=1$c2FsdA$AAAA",
    "$scrypt$ln=4,r=999,p=999$c2FsdA$AAAA",
    "$scrypt$ln=99,r=1,p=1$c2FsdA$AAAA",
]


@pytest.mark.parametrize("encoded", MALFORMED)
@pytest.mark.parametrize("make", [argon, bcrypt])
def test_a_malformed_hash_is_nobodys_password(make, encoded):
    assert make().verify(encoded, "") is False
    assert make().verify(encoded, "password") is False


@pytest.mark.parametrize(
    "encoded", [one for one in [*MALFORMED, *GREEDY] if isinstance(one, str)]
)
def test_what_nobody_could_sign_in_with_has_no_kind(encoded):
    assert kind_of(encoded) is None


@pytest.mark.parametrize(
    ("encoded", "kind"),
    [
        pytest.param(argon().hash("x"), "argon2id", id="argon2id"),
        pytest.param(bcrypt().hash("x"), "bcrypt", id="bcrypt"),
        pytest.param(bcrypt().hash(LONG), "bcrypt-sha256", id="bcrypt of a long one"),
        pytest.param(argon(pepper=PEPPER).hash("x"), None, id="argon2id with a pepper"),
        pytest.param(bcrypt(pepper=PEPPER).hash("x"), None, id="bcrypt with a pepper"),
        ("$pbkdf2-sha256$i=1,l=64$c2FsdA$AAAA", "pbkdf2"),
        ("pbkdf2_sha256$720000$salt$AAAA", "pbkdf2"),
        ("scrypt$16384$salt$8$1$AAAA", "scrypt"),
        ("scrypt$16383$salt$8$1$AAAA", None),
        ("argon2$argon2i$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAA", "argon2i"),
        ("bcrypt_sha256$$2b$12$" + "a" * 53, "bcrypt-sha256"),
        ("bcrypt_sha256$$2b$31$" + "a" * 53, None),
        ("pbkdf2_sha256$720000$é$AAAA", None),
    ],
)
def test_the_kind_of_a_hash_is_known_without_computing_it(encoded, kind):
    assert kind_of(encoded) == kind


@pytest.mark.parametrize("encoded", GREEDY)
def test_a_hash_cannot_ask_for_all_there_is(encoded):
    before = time.thread_time()
    assert argon().verify(encoded, "password") is False
    assert time.thread_time() - before < 1
