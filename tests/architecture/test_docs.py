"""The docs name what exists: files, classes, commands and make targets, and their links lead somewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_SOURCE = _ROOT / "src" / "shopdesk"
_FOLDERS = (_ROOT, _SOURCE, _SOURCE / "ui", _SOURCE / "store" / "migrations" / "versions")
_PAGES = sorted([*_ROOT.glob("*.md"), *(_ROOT / "docs").glob("*.md")])
_EXAMPLES: set[str] = {"resources/translations/it/LC_MESSAGES/shopdesk.po"}
"""Named in the docs as an example."""


def _quoted(page: Path) -> list[str]:
    """What stands in backquotes, without blocks of code."""
    return re.findall(
        r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    )


def _names_in_code() -> Iterator[str]:
    for folder in (_SOURCE, _ROOT / "tests"):
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                match node:
                    case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.alias(name=name):
                        yield name
                    case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                        yield name


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_a_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target, heading in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", page.read_text("utf-8")):
        path = page.parent / target if target else page
        assert path.exists(), target
        headings = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE) if heading else []
        assert not heading or heading in {re.sub(r"[^\w-]", "", one.lower().replace(" ", "-")) for one in headings}


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_a_file_that_is_named_exists(page: Path) -> None:
    paths = re.compile(r"(?:(?:src|tests|resources|docs)/[\w./-]+|[\w./-]+\.(?:py|md|spec))")
    named = {
        quoted for quoted in _quoted(page) if paths.fullmatch(quoted) and not re.search(r"[A-Z]{3,}(?!.*\.md)", quoted)
    }
    assert not {name for name in named - _EXAMPLES if not any((folder / name).exists() for folder in _FOLDERS)}


def test_a_class_or_constant_that_is_named_exists() -> None:
    name = re.compile(r"_?[A-Z]\w{2,}(\.(?!md)\w+)?")
    quoted = {each for page in (_ROOT / "docs").glob("*.md") for each in _quoted(page)}
    named = {each.partition(".")[0] for each in quoted if name.fullmatch(each) and not each.startswith("SHOPDESK_")}
    assert not sorted(named - set(_names_in_code()) - _EXAMPLES)


def test_a_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (_ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {target for page in _PAGES for target in re.findall(r"\bmake ([a-z-]+)\b", " ".join(_quoted(page)))}
    assert {f"make {target}" for target in named - targets} <= _EXAMPLES


def test_the_manual_has_every_command() -> None:
    commands = re.findall(r"add_parser\(\s*\"([a-z-]+)\"", (_SOURCE / "cli.py").read_text("utf-8"))
    manual = (_ROOT / "resources" / "installer" / "linux" / "shopdesk.1").read_text("utf-8")
    assert commands
    assert not [name for name in commands if not re.search(rf"^\.BI? {name}\b", manual, re.MULTILINE)]
