"""The arithmetic that the tour of the books holds the program against: documents as typed, cash as pieces."""

from decimal import Decimal

from shopdesk.demo.books_check import TypedDocument, TypedRow, denomination_counts


def test_a_typed_document_has_its_sums_by_tax_rate() -> None:
    typed = TypedDocument(
        (
            TypedRow("Novel", "4", "24,00", "", "7"),
            TypedRow("Pen", "2", "50,00", "10 %", ""),
            TypedRow("Notebook", "10", "3,50", "5,00", ""),
            TypedRow("Course", "1", "180,00", "", "Exempt"),
        ),
        discount="5 %",
    )
    assert {int(rate): tuple(map(str, sums)) for rate, sums in typed.rates.items()} == {
        7: ("85.23", "5.97", "91.20"),
        19: ("95.80", "18.20", "114.00"),
        0: ("171.00", "0.00", "171.00"),
    }
    assert typed.gross == Decimal("376.20")
    assert typed.credited().gross == Decimal("-376.20")


def test_cash_is_counted_in_the_fewest_pieces() -> None:
    pieces = [(str(piece), count) for piece, count in denomination_counts(Decimal("184.50"))]
    assert pieces == [("100", 1), ("50", 1), ("20", 1), ("10", 1), ("2", 2), ("0.50", 1)]
