"""Settings, Receipts and invoices: what is typed is seen on the paper beside it, and printed on new documents."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QPlainTextEdit

from shopdesk.domain.document import Kind
from shopdesk.domain.paper_layout import PaperTexts, own_text
from shopdesk.queries import shop as ask_shop
from shopdesk.ui.base.context import Context
from shopdesk.ui.settings.papers_section import PapersSection
from support.context import NavigationSpy, Show, line_edit, press
from support.shops import SampleShop


@pytest.fixture
def section(context: Context, show: Show, settled: Callable[[], None]) -> PapersSection:
    """The section as Settings opens it."""
    made = show(PapersSection(context))
    made.refresh()
    settled()
    return made


def type_into(section: PapersSection, name: str, text: str) -> None:
    control = section.form.fields[name].control
    control.setFocus()
    press(control, text)


def test_texts_are_saved_for_their_kind_and_language(
    section: PapersSection, shop: SampleShop, navigation: NavigationSpy, settled: Callable[[], None]
) -> None:
    section.kind.set_text(Kind.INVOICE.value)
    section.language.set_text("de")
    assert line_edit(section.form.fields["title"]).placeholderText() == "Rechnung"
    type_into(section, "terms", "Zahlbar bis {due}")
    assert not section.kind.control.isEnabled()
    section.form.save.click()
    settled()
    assert navigation.words == ["New documents print these texts."]
    found = shop.ask(ask_shop.current)
    assert found is not None
    assert own_text(found.own_texts, "invoice", "de") == PaperTexts(terms="Zahlbar bis {due}")
    assert section.kind.control.isEnabled()


def test_an_unknown_placeholder_is_told_beside_the_text_as_it_is_typed(
    section: PapersSection, until: Callable[..., None]
) -> None:
    type_into(section, "footer", "Come back, {name}!")
    until(lambda: section.form.fields["footer"].fault != "")
    assert section.form.fields["footer"].fault.startswith("{name} cannot be filled in. There are {shop}, {kind},")
    control = section.form.fields["footer"].control
    assert isinstance(control, QPlainTextEdit)
    assert control.toPlainText() == "Come back, {name}!"


def test_the_sample_follows_what_is_typed_and_shows_the_end_of_the_paper(
    section: PapersSection, until: Callable[..., None]
) -> None:
    until(lambda: section.view.is_drawn)
    drawn: list[None] = []
    section.view.drawn.connect(lambda: drawn.append(None))
    type_into(section, "thanks", "Bye")
    until(lambda: bool(drawn))
    bar = section.view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0


def test_a_logo_is_kept_at_once_and_a_bad_file_is_refused_beside_the_button(
    section: PapersSection, tmp_path: Path, shop: SampleShop, settled: Callable[[], None]
) -> None:
    bad = tmp_path / "logo.png"
    bad.write_bytes(b"GIF89a")
    section.logo.take(str(bad))
    settled()
    assert section.logo.line.words.text() == "This is no PNG or JPEG picture, or it is damaged."
    good = tmp_path / "good.png"
    Image.new("RGB", (300, 100), (10, 90, 40)).save(good)
    section.logo.take(str(good))
    settled()
    assert not section.logo.line.isVisible()
    assert section.logo.remove.isVisible()
    assert Image.open(io.BytesIO(shop.ask(ask_shop.logo))).size == (300, 100)
    section.logo.remove.click()
    settled()
    assert shop.ask(ask_shop.logo) == b""


def test_an_empty_text_shows_what_is_printed_in_its_place(section: PapersSection, settled: Callable[[], None]) -> None:
    type_into(section, "title", "Slip")
    section.form.save.click()
    settled()
    title = line_edit(section.form.fields["title"])
    section.language.set_text("de")
    assert (title.text(), title.placeholderText()) == ("", "Slip")
    section.kind.set_text(Kind.QUOTE.value)
    assert title.placeholderText() == "Angebot"
