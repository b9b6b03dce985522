"""Letters as files, and letters that are not to be sent: never a line injected."""

import stat
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

import pytest

from authserver.adapters.mailer import FileMailer, SmtpMailer, UnfitLetter
from tests.adapters.post import Server, letter


def raw(headers):
    """A letter whose headers nobody looked at, as an old parser may hand it on."""
    message = EmailMessage(policy=policy.compat32)
    for name, value in {
        "From": "no-reply@id.example", "To": "ana@example.org", **headers,
    }.items():  # fmt: skip
        Message.__setitem__(message, name, value)
    message.set_payload("text")
    return message


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "Hello\r\nBcc: everybody@example.org"},
        {"Subject": "Hello\nBcc: everybody@example.org"},
        {"Subject": "Hello\r\n\r\nAnother body"},
        {"To": "ana@example.org\r\nRCPT TO:<everybody@example.org>"},
        {"X-Letter": "a\rb"},
        {"X-Letter": "a\x00b"},
    ],
)
@pytest.mark.parametrize("kind", ["smtp", "file"])
def test_an_injected_line_is_refused(tmp_path, headers, kind):
    with Server() as server:
        smtp = SmtpMailer(host="127.0.0.1", port=server.port)
        where = smtp if kind == "smtp" else FileMailer(tmp_path)
        with pytest.raises(UnfitLetter):
            where.deliver(raw(headers))
    assert server.mailbox.letters == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"To": None},
        {"From": None},
        {"From": "a@id.example, b@id.example"},
        {"To": ""},
        {"To": "ana"},
        {"To": "@example.org"},
        {"To": '"a b"@example.org'},
        {"To": "undisclosed-recipients:;"},
    ],
)
def test_a_letter_without_a_sender_or_somebody_to_go_to_is_refused(tmp_path, changed):
    with pytest.raises(UnfitLetter):
        FileMailer(tmp_path).deliver(letter(**changed))


def test_hidden_recipients_get_the_letter_and_stay_hidden():
    with Server() as server:
        smtp = SmtpMailer(host="127.0.0.1", port=server.port)
        smtp.deliver(letter(Cc="bia@example.org", Bcc="caio@example.org"))
    assert server.mailbox.envelope.rcpt_tos == [
        "ana@example.org",
        "bia@example.org",
        "caio@example.org",
    ]
    assert b"caio" not in server.mailbox.envelope.content


def test_a_file_is_named_by_its_letter_and_kept_from_others(tmp_path):
    folder = tmp_path / "mail"
    FileMailer(folder).deliver(letter())
    (path,) = folder.iterdir()
    assert path.name == "20261120.1@id.example.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    kept = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert "123456" in kept.get_body(["plain"]).get_content().splitlines()
    assert kept["X-Letter"] == "verify_email"


def test_a_letter_that_comes_twice_is_kept_once(tmp_path):
    box = FileMailer(tmp_path)
    for _ in range(3):
        box.deliver(letter())
    box.deliver(letter(**{"Message-ID": "<2@id.example>"}))
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "name",
    [
        "<../../etc/passwd@x>",
        "</etc/passwd>",
        "<.hidden@x>",
        "<a/b@x>",
        f"<{'a' * 300}@x>",
        None,
    ],
)
def test_the_name_of_a_file_stays_inside_its_folder(tmp_path, name):
    FileMailer(tmp_path / "mail").deliver(letter(**{"Message-ID": name}))
    (path,) = tmp_path.rglob("*.eml")
    assert path.parent == tmp_path / "mail"
    assert len(path.stem) == 64
    assert not path.name.startswith(".")


def test_a_reader_never_meets_half_a_letter(tmp_path):
    """Every *.eml that can be seen is whole, also while others are written."""
    box, ended, halves = FileMailer(tmp_path), threading.Event(), []
    big = letter()
    big.get_body(["plain"]).set_content("x" * 70 + "\n" * 5_000 + "END\n")

    def read():
        while not ended.is_set():
            halves.extend(
                path
                for path in tmp_path.glob("*.eml")
                if b"END" not in path.read_bytes()
            )

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(50):
        box.deliver(big)
    ended.set()
    reader.join()
    assert halves == []
    assert [path.suffix for path in tmp_path.iterdir()] == [".eml"]
