"""The data of ICU as it goes into the bundle: whole items, in order, of the languages that are spoken."""

import runpy
import struct
import sys
from pathlib import Path

import PySide6
import pytest

ICU_DATA = runpy.run_path(str(Path(__file__).parents[1] / "resources" / "installer" / "icu_data.py"))


@pytest.mark.skipif(sys.platform != "linux", reason="Qt uses ICU on Linux only")
def test_what_qt_sorts_with_stays_as_it_was_and_other_languages_go() -> None:
    (library,) = (Path(PySide6.__path__[0]) / "Qt" / "lib").glob("libicudata.so.*")
    content = library.read_bytes()
    begin = content.index(b"CmnD") - 12
    (header,) = struct.unpack_from("<H", content, begin)
    before = dict(ICU_DATA["_items"](content, begin + header))
    package = ICU_DATA["_package"](content, {"en", "de"})
    after = dict(ICU_DATA["_items"](package, header))
    assert len(package) < len(content) / 10
    assert list(after) == sorted(after)
    assert all(before[name].startswith(item.rstrip(b"\0")) for name, item in after.items())
    kept = {name.partition("/")[2] for name in after}
    assert kept >= {
        "coll/ucadata.icu",
        "coll/root.res",
        "coll/de.res",
        "root.res",
        "de.res",
        "en_GB.res",
        "likelySubtags.res",
    }
    assert not kept & {"coll/pl.res", "pl.res", "ibm-37_P100-1995.cnv", "curr/de.res", "brkitr/thaidict.dict"}
