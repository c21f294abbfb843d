#!/usr/bin/env bash
# The client of Africa's Talking takes any answer of 200 for one of the API: the sign-in page of a hotel's network is
# returned as a text, as if the message had been sent. An answer of the API is a dict.
#
# Seen with africastalking 2.0.3, against a server on this machine.
# What to do: take nothing but a JSON object with the recipient's statusCode; anything else may or may not have been sent.
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


class Server(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: object) -> None:
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
service = SMSService("sandbox", "the key")
service._baseUrl = f"http://127.0.0.1:{server.server_address[1]}"
answer = service.send("Hello", ["+254712345678"])
print("africastalking 2.0.3, answered by a web page, returns", repr(answer))
sys.exit(0 if answer == PAGE.decode() else 1)
PY
