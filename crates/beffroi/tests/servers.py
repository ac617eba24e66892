"""Servers that behave and misbehave, for the tests of notices: servers.py KIND FOLDER [CERTIFICATE KEY]

Prints the port. Everything that arrives is written to FOLDER, one file each.
"""

import http.server
import itertools
import json
import os
import socket
import ssl
import sys
import threading
import time

kind, folder, *tls = sys.argv[1:]
numbers = itertools.count()


def write(record):
    """Leaves a record, whole."""
    path = os.path.join(folder, f"{kind}-{next(numbers)}.json")
    with open(path + ".new", "w") as file:
        json.dump(record, file)
    os.rename(path + ".new", path)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*tls)
    return made


class Mailbox:
    """Takes mail; a grey one says “later” to the first."""

    def __init__(self):
        self.turned_away = kind != "smtp-grey"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if not self.turned_away:
            self.turned_away = True
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        write({"from": envelope.mail_from, "to": envelope.rcpt_tos, "mail": envelope.content.decode()})
        return "250 taken"


def login(server, session, envelope, mechanism, data):
    from aiosmtpd.smtp import AuthResult

    is_right = data.login == b"mairie" and data.password == b"open sesame"
    # “Handled” would mean that the answer 535 was given here.
    return AuthResult(success=is_right, handled=is_right)


def serve_mail():
    from aiosmtpd.controller import Controller

    port = free_port()
    settings = {"hostname": "127.0.0.1", "port": port}
    if tls:
        settings.update(tls_context=context(), require_starttls=True, auth_required=True, authenticator=login)
    controller = Controller(Mailbox(), **settings)
    controller.start()
    print(port, flush=True)
    threading.Event().wait()


def serve_silence():
    """Takes connections, and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    held = []
    while True:
        held.append(listener.accept())


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        write({"path": self.path, "headers": {name.lower(): value for name, value in self.headers.items()}, "body": body})
        if self.path == "/slow":
            while True:
                self.wfile.write(b"H")
                self.wfile.flush()
                time.sleep(0.5)
        code = {"/500": 500, "/401": 401, "/302": 302, "/307": 307}.get(self.path, 200)
        self.send_response(code)
        if code in (302, 307):
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


class Web(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Whoever hangs up is part of the tests."""


def serve_web():
    server = Web(("127.0.0.1", 0), Hook)
    if tls:
        server.socket = context().wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if kind == "silence":
    serve_silence()
elif kind == "web":
    serve_web()
else:
    serve_mail()
