#!/bin/sh
# A message that Python's email package has parsed cannot always be written back: a vertical tab in a header, which any
# sender may put there, followed by a colon, raises HeaderParseError. And the blocks of a delivery report in base64
# (RFC 6533 allows it) are taken apart before they are decoded: none has an Action.
# Seen with Python 3.11.7. Fails if that changes.
exec "${PYTHON:-python3}" - <<'PYTHON'
from email import message_from_bytes
from email.errors import HeaderParseError

try:
    message_from_bytes(b"Date: 30 Nov 2026\x0b09:41:00 +0000\r\n\r\nx").as_bytes()
except HeaderParseError as error:
    print("as seen:", error)
else:
    raise SystemExit("changed: it is written back")

REPORT = b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\nQWN0aW9uOiBmYWlsZWQ="
(block,) = message_from_bytes(REPORT).get_payload()
if block["Action"] is not None:
    raise SystemExit("changed: it is decoded first")
print("as seen: the block has no Action, but the text", block.get_payload())
PYTHON
