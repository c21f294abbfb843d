#!/usr/bin/env bash
# Xvfb resets itself when its last client leaves, and then writes the head of its picture file (-fbdir) anew: first in the
# machine's byte order, then in that of the format (xwd, most significant byte first). Who reads it in between finds a
# screen of two billion rows.
#
# Seen with Xvfb 21.1.7 (Debian 12) on a little-endian machine: 29 of 1.5 million reads while 60 clients came and went. A
# program that made a list of these rows took 15 GB.
# A good guess would be that the head is written once, or read whole.
# What to do: start Xvfb with -noreset, then the head never changes; and refuse a head whose version is not 7.
set -euo pipefail
command -v Xvfb >/dev/null || { echo "install xvfb first"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
heads() ( # options of Xvfb; the versions and heights that a reader finds while clients come and go
    exec 3>"$folder/display"
    Xvfb -displayfd 3 -screen 0 640x480x24 -fbdir "$folder" -ac -nolisten tcp "$@" 2>"$folder/log" &
    server=$!
    trap 'kill "$server" && wait "$server" || true; rm -f "$folder"/*' EXIT
    until [ -s "$folder/display" ]; do sleep 0.1; done
    timeout 120 python3 - "$folder/Xvfb_screen0" "$(cat "$folder/display")" <<'PY'
import mmap, socket, struct, sys, threading, time

def clients(display):
    """A few hundred clients that say hello and leave."""
    for _ in range(300):
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(f"/tmp/.X11-unix/X{display}")
                client.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
                client.recv(8)
        except OSError:  # the server is busy with its reset
            pass
        time.sleep(0.01)

seen = set()
with open(sys.argv[1], "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as memory:
    comes_and_goes = threading.Thread(target=clients, args=[sys.argv[2]])
    comes_and_goes.start()
    while comes_and_goes.is_alive():
        head = struct.unpack(">25I", memory[:100])
        seen.add((head[1], head[5]))
print(sorted(seen))
PY
)
as_it_is=$(heads)
without=$(heads -noreset)
echo "version and height with resets: $as_it_is, without: $without"
[[ $as_it_is == *"(7, 480)"*"(117440512, 3758161920)"* && $without == "[(7, 480)]" ]]
