"""Page layout for every paper size: blocks of text and lines are placed on pages and drawn as PDF.

Measures are in points (1/72 inch): x from the start edge of the page (left, or right for Hebrew and Arabic), y
downwards from the top of the block. Only ``draw`` converts them to PDF coordinates.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from hashlib import sha256
from itertools import groupby
from typing import BinaryIO

from reportlab.pdfbase.pdfdoc import PDFDictionary, PDFName, PDFStream, PDFZCompress
from reportlab.pdfgen.canvas import Canvas

from shopdesk.render import fonts, formatting, pdf_a, text_layout
from shopdesk.render.logo import Bitmap
from shopdesk.render.qr_code import Modules


class Align(Enum):
    """The part of a text that is at its x. ``NUMBER`` is the right end in every language."""

    START = auto()
    CENTER = auto()
    END = auto()
    NUMBER = auto()


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text with its baseline at y; gray from 0 (black) to 1 (white)."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    gray: float = 0.0
    align: Align = Align.START


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line."""

    x0: float
    x1: float
    y: float
    weight: float = 0.5
    gray: float = 0.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle's outline."""

    x0: float
    x1: float
    y0: float
    y1: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class CodeSquare:
    """A QR code as a square of ``size``, its top at y; never mirrored. ``has_cross``: with that of a Swiss bill."""

    x: float
    y: float
    size: float
    modules: Modules
    has_cross: bool = False


@dataclass(frozen=True, slots=True)
class CodeBars:
    """A bar code from x, its top at y, never mirrored: the widths of bars and gaps in turn, each ``module`` wide."""

    x: float
    y: float
    module: float
    height: float
    widths: tuple[int, ...]

    @property
    def width(self) -> float:
        """The width of all bars and gaps."""
        return self.module * sum(self.widths)


@dataclass(frozen=True, slots=True)
class PlacedImage:
    """An image of ``width`` and ``height``, its top at y; never mirrored."""

    x: float
    y: float
    width: float
    height: float
    bitmap: Bitmap


@dataclass(slots=True)
class Block:
    """Content that is never split between pages.

    ``is_row``: repeat the table header above it on a new page. ``with_next``: keep it on the page of the next block.
    """

    height: float
    texts: list[Text] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    codes: list[CodeSquare] = field(default_factory=list)
    bars: list[CodeBars] = field(default_factory=list)
    images: list[PlacedImage] = field(default_factory=list)
    inner: list[tuple[float, Block]] = field(default_factory=list)
    is_row: bool = False
    with_next: bool = False

    def add(self, other: Block) -> None:
        """Add a block below the content."""
        self.inner.append((self.height, other))
        self.height += other.height

    def overlay(self, other: Block) -> None:
        """Add a block beside the content, from the top; the height grows as needed."""
        self.inner.append((0.0, other))
        self.height = max(self.height, other.height)

    def each(self, top: float = 0.0) -> Iterator[tuple[float, Block]]:
        """Yield the block and all blocks within it, each with its distance from the top."""
        yield top, self
        for down, block in self.inner:
            yield from block.each(top + down)


@dataclass(frozen=True, slots=True)
class PageFormat:
    """A page format: width, height (None: as long as needed), margins, and direction of the language.

    ``dot`` is the width of a dot of the print head that a roll is laid out for.
    """

    width: float
    height: float | None
    margin: float
    top: float
    bottom: float
    is_rtl: bool = False
    watermark_gray: float = 0.55
    dot: float = 0.0

    @property
    def room(self) -> float:
        """The width of the text area."""
        return self.end - self.margin

    @property
    def end(self) -> float:
        """The x at which the text area ends."""
        return self.width - self.margin

    @property
    def lowest(self) -> float:
        """The y of the lower edge of the text area."""
        return (LONGEST if self.height is None else self.height) - self.bottom


LONGEST = 14_400.0
"""The longest page that PDF allows, in points (ISO 32000-1, annex C.2): five metres of roll."""


@dataclass(slots=True)
class PdfPage:
    """A page: blocks with their distance from its top."""

    height: float
    blocks: list[tuple[float, Block]] = field(default_factory=list)
    has_number: bool = True


@dataclass(frozen=True, slots=True)
class PdfMetadata:
    """The metadata of a PDF, its watermark, and the e-invoice to attach; ``made_at`` is aware."""

    title: str
    author: str
    subject: str
    language: str
    made_at: datetime
    watermark: str = ""
    e_invoice: bytes = b""


def stack(blocks: Iterable[Block]) -> Block:
    """Return one block with the blocks below each other."""
    whole = Block(0.0)
    for block in blocks:
        whole.add(block)
    return whole


def beside(start: Sequence[Block], end: Sequence[Block], *, most: float) -> list[Block]:
    """Return two columns side by side as one block, or below each other if one is higher than ``most``."""
    columns = [stack(start), stack(end)]
    if max(column.height for column in columns) > most:
        return [*start, *end]
    both = Block(0.0)
    for column in columns:
        both.overlay(column)
    return [both]


def paginate(
    blocks: Iterable[Block],
    form: PageFormat,
    *,
    table_header: Block | None = None,
    page_header: Block | None = None,
    foot: Sequence[Block] = (),
) -> list[PdfPage]:
    """Place blocks on pages.

    ``running`` is the header of each later page, ``head`` the table header repeated above rows there. ``foot`` is at
    the bottom of the last page, or after the content if the page has no fixed height.
    """
    press = _Pages(form, table_header, page_header)
    for chunk in _chunks(blocks):
        press.place(chunk)
    if foot:
        press.close(foot)
    if form.height is None:
        for page in press.pages:
            page.height = max((y + block.height for y, block in page.blocks), default=0.0) + form.bottom
    return press.pages


class _Pages:
    def __init__(self, form: PageFormat, head: Block | None, running: Block | None) -> None:
        self._form = form
        self._head = head
        self._running = running
        self.pages: list[PdfPage] = []
        self._y = form.top
        self._is_used = False
        self._turn(Block(0.0))
        self._last: list[Block] = []
        self._before = (self.pages[-1], 0, False)

    @property
    def room(self) -> float:
        """The height that a new later page has for blocks."""
        used = sum(block.height for block in (self._running, self._head) if block)
        return self._form.lowest - self._form.top - used

    def place(self, chunk: list[Block]) -> None:
        """Place blocks that belong together on one page, if they fit on one."""
        height = sum(block.height for block in chunk)
        if self._y + height > self._form.lowest and height <= self.room:
            self._turn(chunk[0])
        self._before = (self.pages[-1], len(self.pages[-1].blocks), self._is_used)
        self._last = chunk
        for block in chunk:
            if self._y + block.height > self._form.lowest and self._is_used:
                self._turn(block)
            self.pages[-1].blocks.append((self._y, block))
            self._y += block.height
            self._is_used = True

    def repeat(self, head: Block) -> None:
        """Repeat another table header from the next page on."""
        self._head = head

    def take_full(self) -> list[PdfPage]:
        """Return the pages that are full, and forget them."""
        full = self.pages[:-1]
        del self.pages[:-1]
        return full

    def close(self, foot: Sequence[Block]) -> None:
        """Place the foot. If it needs a new page, move the last blocks there, too."""
        whole = stack(foot)
        if whole.height > self.room:
            for block in foot:
                self.place([block])
            return
        page, count, is_used = self._before
        moved = sum(block.height for block in self._last)
        is_movable = page is self.pages[-1] and is_used and moved + whole.height <= self.room
        if self._y + whole.height > self._form.lowest and is_movable:
            del page.blocks[count:]
            self._turn(self._last[0])
            self.place(self._last)
        if self._y + whole.height > self._form.lowest:
            self._turn(whole)
        if self._form.height is not None:
            self._y = self._form.lowest - whole.height
        self.pages[-1].blocks.append((self._y, whole))

    def _turn(self, following: Block) -> None:
        self._y = self._form.top
        self._is_used = False
        openers = [self._running, self._head if following.is_row else None] if self.pages else []
        self.pages.append(PdfPage(self._form.height or 0.0))
        for opener in openers:
            if opener is not None:
                self.pages[-1].blocks.append((self._y, opener))
                self._y += opener.height


def _chunks(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    chunk: list[Block] = []
    for block in blocks:
        chunk.append(block)
        if not block.with_next:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def draw(
    pages: Sequence[PdfPage], form: PageFormat, metadata: PdfMetadata, page_number: Callable[[int, int], Block]
) -> bytes:
    """Return the pages as a PDF file, each with the footer ``folio(page, of)``. Same input, same bytes."""
    file = io.BytesIO()
    canvas = _canvas(file, form, pages[0].height, metadata)
    pen = _Pen(canvas, form)
    for count, page in enumerate(pages, start=1):
        canvas.setPageSize((form.width, page.height))
        if metadata.watermark:
            pen.watermark(metadata.watermark, page.height)
        pen.page(page, page_number(count, len(pages)))
        canvas.showPage()
    canvas.save()
    return pdf_a.with_line_ends(file.getvalue()) if metadata.e_invoice else file.getvalue()


class PageWriter:
    """Writes a PDF page by page as its blocks come: a long list keeps only what is drawn, which reportlab holds.

    It does not know how many pages there will be. ``footer`` returns the footer of a page, counted from 1.
    """

    def __init__(
        self,
        file: BinaryIO,
        form: PageFormat,
        metadata: PdfMetadata,
        footer: Callable[[int], Block],
        *,
        page_header: Block | None = None,
    ) -> None:
        self._footer = footer
        self._metadata = metadata
        self._press = _Pages(form, None, page_header)
        self._canvas = _canvas(file, form, form.height or LONGEST, metadata)
        self._pen = _Pen(self._canvas, form)
        self._count = 0

    def repeat(self, table_header: Block) -> None:
        """Repeat this header above the rows of each further page."""
        self._press.repeat(table_header)

    def add(self, blocks: Iterable[Block]) -> None:
        """Place blocks below the last ones, and draw the pages that are full."""
        for chunk in _chunks(blocks):
            self._press.place(chunk)
            self._draw(self._press.take_full())

    def close(self) -> None:
        """Draw the last page and complete the file, which stays open."""
        self._draw(self._press.pages)
        self._canvas.save()

    def _draw(self, pages: Iterable[PdfPage]) -> None:
        for page in pages:
            self._count += 1
            if self._metadata.watermark:
                self._pen.watermark(self._metadata.watermark, page.height)
            self._pen.page(page, self._footer(self._count))
            self._canvas.showPage()


def _canvas(file: BinaryIO, form: PageFormat, height: float, metadata: PdfMetadata) -> Canvas:
    canvas = Canvas(
        file,
        pagesize=(form.width, height),
        pageCompression=1,
        invariant=1,
        initialFontName=fonts.face().name,  # type: ignore[arg-type]  # the stubs wrongly expect a number
        lang=metadata.language,
        pdfVersion=pdf_a.VERSION if metadata.e_invoice else None,
    )
    _describe(canvas, metadata)
    if metadata.e_invoice:
        pdf_a.attach(canvas, metadata.e_invoice, made_at=metadata.made_at)
    return canvas


def _describe(canvas: Canvas, imprint: PdfMetadata) -> None:
    stamp = imprint.made_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%S+00'00'")
    canvas.setDateFormatter(lambda *_: stamp)
    canvas.setTitle(formatting.tidy(imprint.title))
    canvas.setAuthor(formatting.tidy(imprint.author))
    canvas.setSubject(formatting.tidy(imprint.subject))
    canvas.setCreator("shopdesk")
    canvas.setViewerPreference("DisplayDocTitle", "true")


def _swiss_cross(x: float, y: float, size: float) -> Iterator[str]:
    """Yield the operators of the white cross on black, in a white border, around a centre (guidelines, 6.4.2)."""

    def box(width: float, height: float) -> str:
        return f"{x - width / 2:.3f} {y - height / 2:.3f} {width:.3f} {height:.3f} re"

    inner = size * 6 / 7
    yield f"1 g {box(size, size)} f 0 g {box(inner, inner)} f"
    yield f"1 g {box(inner * 20 / 32, inner * 6 / 32)} {box(inner * 6 / 32, inner * 20 / 32)} f"


class _Pen:
    """Draws blocks on reportlab's canvas.

    It writes PDF operators itself (ISO 32000-1, annex A), because reportlab's text objects take three times as long.
    Reportlab writes fonts, pages and the file.
    """

    def __init__(self, canvas: Canvas, form: PageFormat) -> None:
        self._canvas = canvas
        self._form = form
        self._forms: dict[str, str] = {}

    def page(self, page: PdfPage, folio: Block) -> None:
        """Draw a page: lines first, then the text over them."""
        tops = [*page.blocks, *([(page.height - folio.height, folio)] if page.has_number else [])]
        blocks = [(page.height - y, block) for top, whole in tops for y, block in whole.each(top)]
        lines: list[str] = []
        for top, block in blocks:
            for rule in block.rules:
                start, end, y = self._x(rule.x0), self._x(rule.x1), top - rule.y
                lines.append(f"{rule.weight:.2f} w {rule.gray:.2f} G {start:.2f} {y:.2f} m {end:.2f} {y:.2f} l S")
            for frame in block.frames:
                left = min(self._x(frame.x0), self._x(frame.x1))
                size = f"{frame.x1 - frame.x0:.2f} {frame.y1 - frame.y0:.2f}"
                lines.append(f"{frame.weight:.2f} w 0 G {left:.2f} {top - frame.y1:.2f} {size} re S")
            for code in block.codes:
                lines += self._code(code, top)
            for bars in block.bars:
                lines.append(self._bars(bars, top))
            for image in block.images:
                lines.append(self._image(image, top))
        self._canvas.addLiteral("\n".join(lines))
        self._write([(top - text.y, text) for top, block in blocks for text in block.texts])

    def _code(self, code: CodeSquare, top: float) -> Iterator[str]:
        """Yield the operators of a code: one rectangle for each run of black modules of a row."""
        left, upper = min(self._x(code.x), self._x(code.x + code.size)), top - code.y
        side = code.size / len(code.modules)
        yield f"q 0 g {side:.5f} 0 0 {-side:.5f} {left:.2f} {upper:.2f} cm"  # a module is one unit, rows go down
        for row, line in enumerate(code.modules):
            column = 0
            for is_black, run in groupby(line):
                count = len(tuple(run))
                if is_black:
                    yield f"{column} {row} {count} 1 re"
                column += count
        yield "f Q"
        if code.has_cross:
            yield from _swiss_cross(left + code.size / 2, upper - code.size / 2, code.size * 7 / 46)

    def _bars(self, code: CodeBars, top: float) -> str:
        """Return the operators of a bar code, all in one path: PDFium makes a bar that is a path a dot wider."""
        left = min(self._x(code.x), self._x(code.x + code.width))
        drawn, at = [], 0
        for place, width in enumerate(code.widths):
            if place % 2 == 0:
                drawn.append(f"{at} 0 {width} 1 re")
            at += width
        matrix = f"{code.module:.5f} 0 0 {-code.height:.5f} {left:.4f} {top - code.y:.4f} cm"
        return f"q 0 g {matrix} {' '.join(drawn)} f Q"

    def _image(self, image: PlacedImage, top: float) -> str:
        """Return the operators of an image; its pixels are stored in the file once."""
        bitmap, pdf = image.bitmap, self._canvas._doc  # type: ignore[attr-defined]  # reportlab has no public way
        name = f"image{sha256(bitmap.pixels).hexdigest()[:16]}"
        if not pdf.hasForm(name):
            facts = {
                "Type": PDFName("XObject"),
                "Subtype": PDFName("Image"),
                "Width": bitmap.width,
                "Height": bitmap.height,
                "ColorSpace": PDFName("DeviceGray" if bitmap.is_black_only else "DeviceRGB"),
                "BitsPerComponent": 1 if bitmap.is_black_only else 8,
            }
            stream = PDFStream(PDFDictionary(facts), bitmap.pixels, filters=[PDFZCompress])
            pdf.Reference(stream, pdf.getXObjectName(name))
        self._canvas._formsinuse.append(name)  # type: ignore[attr-defined]
        left = min(self._x(image.x), self._x(image.x + image.width))
        place = f"{image.width:.4f} 0 0 {image.height:.4f} {left:.4f} {top - image.y - image.height:.4f} cm"
        return f"q {place} /{pdf.getXObjectName(name)} Do Q"

    def watermark(self, word: str, height: float) -> None:
        """Draw a watermark: a large outlined word, diagonal, repeated down a long roll, and visible in a photocopy."""
        canvas, form = self._canvas, self._form
        setting = text_layout.layout_line(word, bold=True)
        size = min(0.86 * form.width / setting.width, form.width / 4)
        steps = max(1, round(height / (form.width * 1.5)))
        for step in range(steps):
            canvas.saveState()
            canvas.translate(form.width / 2, height * (2 * step + 1) / (2 * steps))
            canvas.rotate(40 if height > form.width else 20)
            operators = [f"{size / 60:.2f} w {form.watermark_gray:.2f} G", "BT 1 Tr"]
            for piece in setting.letters:
                x, y = (piece.x - setting.width / 2) * size, piece.y * size - size / 3
                operators += self._shown(piece.text, x, y, size, bold=True)
            canvas.addLiteral("\n".join([*operators, "ET"]))
            canvas.restoreState()

    def _x(self, x: float) -> float:
        return self._form.width - x if self._form.is_rtl else x

    def _left(self, text: Text, width: float) -> float:
        """Return the x of the text's left end, from the left edge of the page."""
        x = self._x(text.x)
        if text.align is Align.CENTER:
            return x - width / 2
        is_right = text.align is Align.NUMBER or (text.align is Align.END) != self._form.is_rtl
        return x - width if is_right else x

    def _shown(self, text: str, x: float, y: float, size: float, *, bold: bool) -> list[str]:
        operators = [f"1 0 0 1 {x:.2f} {y:.2f} Tm"]
        for font, string in fonts.face(bold=bold).written(text, self._canvas):
            operators += (f"{font} {size:.2f} Tf", f"{string} Tj")
        return operators

    def _write(self, texts: Sequence[tuple[float, Text]]) -> None:
        operators = ["BT"]
        outlines: list[tuple[float, float, Text, fonts.GlyphOutline]] = []
        for y, text in texts:
            setting = text_layout.layout_line(text.text, bold=text.bold)
            size = text.size
            left = self._left(text, setting.width * size)
            if setting.letters:
                operators.append(f"{text.gray:.2f} g")
            for piece in setting.letters:
                operators += self._shown(piece.text, left + piece.x * size, y + piece.y * size, size, bold=text.bold)
            outlines.extend((left, y, text, outline) for outline in setting.outlines)
        self._canvas.addLiteral("\n".join([*operators, "ET"]))
        for left, y, text, outline in outlines:
            self._outline(left + outline.x * text.size, y + outline.y * text.size, text, outline.path)

    def _outline(self, x: float, y: float, text: Text, path: str) -> None:
        """Draw a glyph as a shape; each shape is stored in the file once."""
        canvas = self._canvas
        name = self._forms.get(path)
        if name is None:
            name = self._forms[path] = f"letter{len(self._forms)}"
            canvas.beginForm(name, -3000, -3000, 6000, 6000)
            canvas.addLiteral(f"{path} f")
            canvas.endForm()
        scale = text.size / 1000
        canvas.addLiteral(f"q {text.gray:.2f} g {scale:.5f} 0 0 {scale:.5f} {x:.2f} {y:.2f} cm")
        canvas.doForm(name)
        canvas.addLiteral("Q")
