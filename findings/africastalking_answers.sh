#!/usr/bin/env bash
# The client of Africa's Talking takes any answer of 200 for one of the API: the sign-in page of a hotel's network is
# returned as a text, not raised. It also follows a redirect by 307 and sends message and API key to the other server.
#
# Seen with africastalking 2.0.3, against two servers on this machine.
# What to do: send the one POST without redirects, and take nothing but a JSON object with the recipient's statusCode.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check africastalking==2.0.3
"$folder/venv/bin/python" - <<'PY'
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from africastalking.SMS import SMSService

PAGE = b"<html>Please sign in to the hotel's network</html>"
keys: list[str | None] = []
elsewhere = ""


class Server(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/moved/messaging":
            self.send_response(307)
            self.send_header("Location", elsewhere)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        keys.append(self.headers["apiKey"])
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        pass


servers = [HTTPServer(("127.0.0.1", 0), Server) for _ in range(2)]
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
first, other = (f"http://127.0.0.1:{server.server_address[1]}" for server in servers)
elsewhere = f"{other}/page"
service = SMSService("sandbox", "the key")


def sent(address: str) -> object:
    service._baseUrl = address
    return service.send("Hello", ["+254712345678"])


page, moved = sent(first), sent(f"{first}/moved")
print("a web page:", repr(page))
print("redirected:", repr(moved), "with the key", repr(keys[-1]))
sys.exit(0 if page == moved == PAGE.decode() and keys == ["the key", "the key"] else 1)
PY
