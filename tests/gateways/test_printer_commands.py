"""Our commands are those of python-escpos, byte by byte, and our models those of its table."""

import logging
import tempfile
from typing import Any

import pytest
from PIL import Image

from shopdesk.domain.printer import DEFAULT_PROFILE, PROFILES, SIMPLE_PROFILE, Picture
from shopdesk.gateways import printer_commands


@pytest.fixture(scope="module")
def escpos(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, dict[str, Any]]:
    """The library; its import leaves a log handler and a folder, which are taken away again."""
    handlers, folder = list(logging.root.handlers), tempfile.tempdir
    tempfile.tempdir = str(tmp_path_factory.mktemp("escpos"))
    from escpos import capabilities, printer

    tempfile.tempdir, logging.root.handlers = folder, handlers
    return printer, capabilities.CAPABILITIES["profiles"]


def _written(printer: Any, command: str, *given: object, **options: object) -> bytes:
    getattr(printer, command)(*given, **options)
    output: bytes = printer.output
    return output


_ONE_OF_EACH = {(profile.width, profile.has_cutter): key for key, profile in PROFILES.items() if profile.width}


@pytest.mark.parametrize("key", _ONE_OF_EACH.values())
def test_a_slip_is_what_the_library_makes_of_it(escpos: Any, key: str) -> None:
    profile = PROFILES[key]
    made = Image.effect_noise((profile.width, 1000), 90).point(lambda value: 255 if value > 128 else 0).convert("1")
    rows = Image.eval(made, lambda value: 255 - value).tobytes()
    picture = Picture(profile.width, 1000, rows)
    dummy = escpos[0].Dummy(profile=key)
    dummy.hw("INIT")
    dummy.cashdraw(5)
    dummy.image(made, impl="bitImageRaster")
    theirs = _written(dummy, "cut", mode="PART")
    assert printer_commands.slip(picture, has_cutter=profile.has_cutter, kicks=5) == theirs


@pytest.mark.parametrize("pin", [2, 5])
def test_the_drawer_opens_as_by_the_library(escpos: Any, pin: int) -> None:
    assert printer_commands.drawer(pin) == _written(escpos[0].Dummy(), "cashdraw", pin)


def test_the_models_are_those_of_the_library_that_print_pictures(escpos: Any) -> None:
    theirs = {}
    for key, profile in escpos[1].items():
        width = profile["media"]["width"].get("pixels")
        if profile["features"]["bitImageRaster"]:
            theirs[key] = (width if isinstance(width, int) else 0, profile["features"]["paperPartCut"])
    ours = {key: (profile.width, profile.has_cutter) for key, profile in PROFILES.items()}
    assert ours == theirs


def test_all_but_the_two_for_other_models_have_a_name() -> None:
    assert [key for key, profile in PROFILES.items() if not profile.name] == [DEFAULT_PROFILE, SIMPLE_PROFILE]
