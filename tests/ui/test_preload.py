"""What pages need is loaded after sign-in, while nothing else happens."""

from collections.abc import Callable
from importlib.util import find_spec

from PySide6.QtCore import QTimer

from shopdesk.ui.base import country_defaults
from shopdesk.ui.base.context import Context
from shopdesk.ui.window import preload


def test_all_that_pages_need_is_loaded_and_then_the_timer_is_gone(context: Context, until: Callable[..., None]) -> None:
    country_defaults.countries.cache_clear()
    preload.start(context)
    assert context.findChildren(QTimer)
    assert country_defaults.countries.cache_info().currsize == 0, "nothing waits for it"
    until(lambda: not context.findChildren(QTimer))
    assert country_defaults.countries.cache_info().currsize == 1


def test_the_modules_that_are_loaded_exist() -> None:
    assert all(find_spec(name) is not None for name in preload.MODULES)
