"""The disk is full under a screen: it says so in words, nothing half-written stays, and afterwards all goes on."""

import pytest

from shopdesk.domain.draft import DraftRow
from shopdesk.domain.errors import Unavailable
from shopdesk.queries.documents import DocumentFilter, page
from shopdesk.render.export import FileKind
from shopdesk.ui.base.context import Context
from shopdesk.ui.documents.documents_model import file_head, file_row
from shopdesk.ui.documents.documents_screen import DocumentsScreen
from shopdesk.ui.output.export import ExportDialog, ExportSource, save_bytes
from support.context import NavigationSpy, Show
from support.disks import SmallDisk
from support.qtbot import QtBot
from support.shops import SampleShop


@pytest.mark.parametrize("kind", FileKind)
@pytest.mark.parametrize("from_the_start", [True, False])
def test_an_export_that_finds_no_room_leaves_no_half_file_and_the_older_one_stays(
    qtbot: QtBot,
    shop: SampleShop,
    context: Context,
    show: Show,
    navigation: NavigationSpy,
    small_disk: SmallDisk,
    kind: FileKind,
    from_the_start: bool,
) -> None:
    for number in range(12):
        shop.issue(DraftRow("Tea", "1", str(number + 1)))
    screen = show(DocumentsScreen(context))
    path = small_disk.path / f"list.{kind.value}"
    path.write_text("the older one")
    whole = ExportSource(
        title="Documents", query=page, given={"find": DocumentFilter()}, head=file_head(), row=file_row, page=5
    )
    dialog = ExportDialog(whole, kind, path, context, screen)
    if from_the_start:
        small_disk.fill()
    else:
        dialog.export.counted.connect(lambda rows: small_disk.fill() if rows == 5 else None)
    with qtbot.waitSignal(dialog.done_with):
        dialog.start()
    (said,) = navigation.words
    assert f"{path} cannot be written: No space left on device" in said
    assert path.read_text("utf-8") == "the older one"
    assert {file.name for file in small_disk.path.iterdir()} == {"filler", path.name}
    small_disk.free()
    again = ExportDialog(whole, kind, path, context, screen)
    with qtbot.waitSignal(again.done_with):
        again.start()
    assert navigation.words[1:] == [f"12 rows written to {path}."]


def test_a_pdf_that_finds_no_room_leaves_no_half_file_and_the_older_one_stays(small_disk: SmallDisk) -> None:
    path = small_disk.path / "R-A-2026-000001.pdf"
    path.write_bytes(b"the older one")
    small_disk.fill()
    with pytest.raises(Unavailable, match="cannot be written: No space left on device"):
        save_bytes(path, b"%PDF" * 5000)
    assert path.read_bytes() == b"the older one"
    assert {file.name for file in small_disk.path.iterdir()} == {"filler", path.name}
    small_disk.free()
    save_bytes(path, b"%PDF" * 5000)
    assert path.read_bytes() == b"%PDF" * 5000
