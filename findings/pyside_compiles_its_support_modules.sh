#!/usr/bin/env bash
# PySide6 compiles 13 of its own Python modules from source at each start of a program. They are inside its library,
# in a zip file, without bytecode and without a place where bytecode could be kept. One start with SBK_EMBED=0 unpacks
# them beside the library, and each later start reads them, and their bytecode, from there.
#
# Seen with PySide6 6.11.3 (wheel for Linux, CPython 3.11): 13 modules compiled at the first start and at the next, none once they
# are unpacked.
# A good guess would be that a wheel's modules are compiled once, as pip does with all others.
# What to do: start once with SBK_EMBED=0 after each installation, for files that are there are not compared with the
# library; in a bundle, ship shiboken6/files.dir.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check PySide6-Essentials==6.11.3

compiled() { # how many of its modules this start compiled from source
    "$folder/venv/bin/python" -c '
import builtins, sys
names = []
compile_ = builtins.compile
def counting(source, name, *rest, **options):
    names.append(name)
    return compile_(source, name, *rest, **options)
builtins.compile = counting
import PySide6.QtCore
print(sum(str(name).startswith("shibokensupport/") for name in names))'
}
before=$(compiled)
again=$(compiled)
SBK_EMBED=0 "$folder/venv/bin/python" -c 'import PySide6.QtCore'
after=$(compiled)
echo "compiled at the first start: $before, at the next: $again, once they are unpacked: $after"
[ "$before" = 13 ] && [ "$again" = 13 ] && [ "$after" = 0 ]
