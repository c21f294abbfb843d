"""Docstrings and comments are in plain English, and the names that they quote exist."""

import ast
import builtins
import io
import keyword
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_SOURCES = sorted((_ROOT / "src" / "shopdesk").rglob("*.py"))

_INDIRECT = re.compile(r"\s*(?:What|Whether|How|Who|Whoever|Somebody|Nobody|Where|When)\b")
_UNNAMED = re.compile(r"\b(?:whoever|somebody|nobody)\b", re.IGNORECASE)


def _docstrings(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of each docstring, those of constants and attributes too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield f"{path.relative_to(_ROOT)}:{node.lineno}", text


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of each comment and string literal."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)):
            yield f"{path.relative_to(_ROOT)}:{token.start[0]}", token.string


def test_a_docstring_begins_with_what_it_describes() -> None:
    found = [f"{place} {text}" for path in _SOURCES for place, text in _docstrings(path) if _INDIRECT.match(text)]
    assert not found


def test_texts_name_the_person() -> None:
    found = [f"{place} {text}" for path in _SOURCES for place, text in _texts(path) if _UNNAMED.search(text)]
    assert not found, "say cashier, owner, caller, another till, or no one"


_FOREIGN = frozenset(
    """
    __feature__ filelock timestamptz uuid
    _centi _minor _on
    """.split()
)
"""Names in backquotes that this repository does not define: of other programs, and endings of names."""


def _names(path: Path) -> Iterator[str | None]:
    """Yield the names in a file: what it defines or uses, its own, and words of its texts without backquotes."""
    yield from (path.stem, path.parent.name)
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Name(id=name):
                yield name
            case ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield from (*name.split("."), other)
            case ast.Constant(value=str(text)) if "``" not in text:
                yield from re.findall(r"\w+", text)


def test_names_in_backquotes_exist() -> None:
    known = {name for folder in ("src", "tests") for path in (_ROOT / folder).rglob("*.py") for name in _names(path)}
    known |= _FOREIGN | set(dir(builtins)) | set(keyword.kwlist) | {"py"}
    found = [
        f"{place} ``{quoted}``"
        for path in _SOURCES
        for place, text in _texts(path)
        for quoted in re.findall(r"``(.+?)``", text, re.DOTALL)
        if set(re.findall(r"[A-Za-z_]\w*", quoted)) - known
    ]
    assert not found
