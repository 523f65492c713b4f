#!/usr/bin/env python3
# An image server for tests, on a loopback port of its own:
#   server.py ROOT PORTFILE [--tls CERT KEY]
# ROOT/server.rules says what goes wrong, one a line, read at each request:
#   PATH status CODE        answer with that status
#   PATH cut BYTES COUNT    end the connection after BYTES, the first COUNT times
#   PATH redirect URL
#   PATH noranges           ignore Range
#   PATH slow BYTES         so many bytes at a time, with a pause
#   PATH grow BYTES         send so many bytes more than announced by the index
# ROOT/server.log gets a line for each request: METHOD PATH RANGE.
import http.server
import os
import ssl
import sys
import threading

root, portfile = sys.argv[1], sys.argv[2]
cuts = {}
lock = threading.Lock()


def rules(path):
    try:
        with open(os.path.join(root, "server.rules")) as file:
            for line in file:
                words = line.split()
                if words and words[0] == path:
                    yield words[1:]
    except FileNotFoundError:
        return


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *words):
        pass

    def note(self):
        with lock, open(os.path.join(root, "server.log"), "a") as file:
            file.write(f"{self.command} {self.path} {self.headers.get('Range', '-')}\n")

    def plain(self, code, headers=()):
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    # A proxy's door: told, and closed.
    def do_CONNECT(self):
        self.note()
        self.plain(403)

    def do_GET(self):
        self.note()
        self.path = "/" + self.path.split("?")[0].lstrip("/")
        cut, slow, ranges, more = None, None, True, 0
        for rule in rules(self.path):
            if rule[0] == "status":
                return self.plain(int(rule[1]))
            if rule[0] == "redirect":
                return self.plain(302, [("Location", rule[1])])
            if rule[0] == "cut":
                with lock:
                    cuts[self.path] = cuts.get(self.path, 0) + 1
                    if cuts[self.path] <= int(rule[2]):
                        cut = int(rule[1])
            slow = int(rule[1]) if rule[0] == "slow" else slow
            more = int(rule[1]) if rule[0] == "grow" else more
            ranges = ranges and rule[0] != "noranges"
        try:
            with open(os.path.join(root, self.path.lstrip("/")), "rb") as file:
                body = file.read() + b"x" * more
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return self.plain(404)
        self.answer(body, cut, slow, ranges)

    def answer(self, body, cut, slow, ranges):
        begin, asked = 0, self.headers.get("Range")
        if asked and ranges:
            begin = int(asked[len("bytes="):].split("-")[0])
            if begin >= len(body):
                return self.plain(416)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        part = body[begin:]
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        if cut is not None:
            self.wfile.write(part[:cut])
            self.wfile.flush()
            self.close_connection = True
            return None
        step = slow or len(part) or 1
        for at in range(0, len(part), step):
            try:
                self.wfile.write(part[at:at + step])
                self.wfile.flush()
            except OSError:
                return None
            if slow:
                threading.Event().wait(0.05)
        return None


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if "--tls" in sys.argv:
    at = sys.argv.index("--tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[at + 1], sys.argv[at + 2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(portfile + ".new", "w") as out:
    out.write(f"{server.server_address[1]}\n")
os.rename(portfile + ".new", portfile)
server.serve_forever()
