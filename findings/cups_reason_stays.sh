#!/usr/bin/env bash
# A job that waits for paper is cancelled: CUPS ends its back end, which can no longer take back "media-empty", and the
# queue says "out of paper" until the next job, though it is idle and paper may be there.
#
# Seen with CUPS 2.4.2 (Debian 12). Needs cups-daemon and cups-client; runs a print server of its own in a new folder.
# What to do: read printer-state-reasons only while the queue is processing or stopped.
set -euo pipefail
PATH=$PATH:/usr/sbin
command -v cupsd lpadmin >/dev/null || { echo "install cups-daemon and cups-client first"; exit 2; }
folder=$(mktemp -d)
chmod 711 "$folder"
mkdir -p "$folder"/{bin/backend,run,cache,spool}
ln -s /usr/lib/cups/daemon "$folder/bin/daemon"
cat >"$folder/cupsd.conf" <<END
Listen $folder/cups.sock
DefaultAuthType None
DirtyCleanInterval 0
<Location />
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order deny,allow
    Allow all
  </Limit>
</Policy>
END
cat >"$folder/cups-files.conf" <<END
ServerRoot $folder
ServerBin $folder/bin
StateDir $folder/run
CacheDir $folder/cache
RequestRoot $folder/spool
AccessLog $folder/access.log
ErrorLog $folder/error.log
Printcap
END
cat >"$folder/bin/backend/paper" <<'END'
#!/bin/sh
[ $# -eq 0 ] && exit 0
echo "STATE: +media-empty-error" >&2
sleep 60
END
chmod 755 "$folder/bin/backend/paper"
export CUPS_SERVER=$folder/cups.sock LC_ALL=C.UTF-8
cupsd -f -c "$folder/cupsd.conf" -s "$folder/cups-files.conf" 2>/dev/null &
server=$!
trap 'kill $server; wait $server || true; rm -rf "$folder"' EXIT
until lpstat -r 2>/dev/null | grep -q "is running"; do sleep 0.1; done
lpadmin -p Paper -v paper:/ -E -m raw 2>/dev/null

state() { lpstat -l -p Paper | tr '\n' ' '; }

job=$(echo slip | lp -d Paper - | sed 's/request id is \(\S*\) .*/\1/')
until [[ $(state) == *media-empty* ]]; do sleep 0.1; done
cancel "$job"
until [[ $(state) == *idle* ]]; do sleep 0.1; done
sleep 2
echo "after the cancelled job: $(state)"
[[ $(state) == *idle*media-empty* ]]
