"""The customer display on the second of two screens, in a process of its own: Qt reads its screens when it starts.

Prints one line of JSON: what was seen at each step.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from shopdesk.background import Background
from shopdesk.domain.account import Actor, Role, Staff
from shopdesk.domain.money import Currency
from shopdesk.domain.shop import Seller, Shop, Till
from shopdesk.render.formatting import typing_symbols
from shopdesk.row_keys import new_key
from shopdesk.settings import Settings, TillSettings
from shopdesk.store.database import connect
from shopdesk.ui.base import theme
from shopdesk.ui.base.context import Context
from shopdesk.ui.base.customer_view import CustomerSum, CustomerView
from shopdesk.ui.window.customer_display import CustomerScreen

VIEW = CustomerView(item="Fluid milk", detail="2 × 0.89", amount="1.78", sums=(CustomerSum("Total USD", "1.78", True),))


def main() -> dict[str, Any]:
    app = QApplication([])
    theme.start(app, "light")
    database = connect("sqlite:////nowhere/shop.db")  # nothing is asked
    background = Background(database.sessions, database.reads)
    staff = Staff(key=new_key(), user_name="ada", name="Ada", role=Role.OWNER)
    shop = Shop(
        seller=Seller(name="Corner Shop", country="US"), currency=Currency.of("USD"), prices_include_tax=True, taxes=()
    )
    window = QWidget()
    window.show()
    (other,) = [screen.name() for screen in app.screens() if screen is not window.screen()]
    off, on = Settings(), Settings(till=TillSettings(customer_display=other))
    context = Context(
        background=background,
        actor=Actor(staff, Till(new_key(), "A")),
        shop=shop,
        symbols=typing_symbols(shop.locale),
        settings=off,
        now=lambda: datetime.now(UTC),
    )
    screen = CustomerScreen(window)
    seen: dict[str, Any] = {"other": other}

    def look() -> Any:
        app.processEvents()
        display = screen.display
        if display is None:
            return None
        picture = display.grab().toImage()
        place = display.geometry()
        ground = picture.pixel(0, 0)
        points = ((x, y) for x in range(0, picture.width(), 5) for y in range(0, picture.height(), 5))
        return {
            "screen": display.screen().name(),
            "place": [place.x(), place.y(), place.width(), place.height()],
            "texts": display.texts,
            "is_painted": any(picture.pixel(x, y) != ground for x, y in points),
        }

    screen.follow(context)
    seen["off"] = look()
    context.settings = on
    seen["idle"] = look()
    context.navigation.show_to_customer(VIEW)
    seen["row"] = look()
    screen.set_blank(True)
    seen["locked"] = look()
    screen.set_blank(False)
    seen["unlocked"] = look()
    context.settings = replace(on, is_practice=True)
    seen["practice"] = look()
    context.settings = Settings(till=TillSettings(customer_display=window.screen().name()))
    seen["own screen"] = look()
    context.settings = on
    seen["again"] = look()
    (there,) = [one for one in app.screens() if one.name() == other]
    window.move(there.geometry().center())
    seen["moved there"] = look()
    screen.close()
    seen["signed out"] = look()
    background.close()
    database.close()
    return seen


if __name__ == "__main__":
    print(json.dumps(main()))
