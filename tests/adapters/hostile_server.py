"""A server on the loopback that answers what a test tells it to, byte by byte."""

import socket
import threading
from contextlib import contextmanager, nullcontext, suppress


def page(body=b"{}", *, status="200 OK", **headers):
    """A well-formed answer; `content_length=None` leaves a header out."""
    lines = {"content-type": "application/json", "content-length": str(len(body))}
    for name, value in headers.items():
        lines[name.replace("_", "-")] = value
    said = "".join(f"{k}: {v}\r\n" for k, v in lines.items() if v is not None)
    return f"HTTP/1.1 {status}\r\n{said}\r\n".encode() + body


class HostileServer:
    """Each request is handed to `answer(request) -> bytes | iterable of bytes`."""

    def __init__(self, answer, *, context=None):
        self.answer = answer if callable(answer) else lambda _request: answer
        self.context = context
        self.requests, self.names = [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.closing = threading.Event()
        if context:
            context.sni_callback = lambda _line, name, _context: self.names.append(name)

    def url(self, path="/", *, host="127.0.0.1"):
        scheme = "https" if self.context else "http"
        return f"{scheme}://{host}:{self.port}{path}"

    def serve(self):
        while not self.closing.is_set():
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(line,), daemon=True).start()

    def talk(self, plain):
        plain.settimeout(10)
        with suppress(OSError), plain, self.encrypted(plain) as line:
            request = self.read(line)
            self.requests.append(request)
            said = self.answer(request)
            for part in [said] if isinstance(said, bytes) else said:
                line.sendall(part)
            with suppress(OSError):
                line.shutdown(socket.SHUT_WR)
                line.recv(1)

    def encrypted(self, line):
        if self.context is None:
            return nullcontext(line)
        return self.context.wrap_socket(line, server_side=True)

    @staticmethod
    def read(line):
        text = b""
        while b"\r\n\r\n" not in text:
            text += line.recv(4096)
        head, _, body = text.partition(b"\r\n\r\n")
        for header in head.lower().split(b"\r\n"):
            if header.startswith(b"content-length:"):
                while len(body) < int(header.split(b":")[1]):
                    body += line.recv(4096)
        return head.decode() + "\r\n\r\n" + body.decode()


@contextmanager
def serving(answer, *, context=None):
    server = HostileServer(answer, context=context)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join(timeout=10)
