"""What pages need is loaded after sign-in, between keys and clicks."""

from collections.abc import Callable
from importlib.util import find_spec

from shopdesk.ui.base import country_defaults
from shopdesk.ui.base.context import Context
from shopdesk.ui.window import preload
from shopdesk.ui.window.idle_timer import IdleTimer


def test_all_that_pages_need_is_loaded_and_then_nothing_is_watched(
    context: Context, until: Callable[..., None]
) -> None:
    country_defaults.countries.cache_clear()
    preload.start(context)
    assert context.findChildren(IdleTimer)
    assert country_defaults.countries.cache_info().currsize == 0, "nothing waits for it"
    until(lambda: not context.findChildren(IdleTimer))
    assert country_defaults.countries.cache_info().currsize == 1


def test_the_modules_that_are_loaded_exist() -> None:
    assert all(find_spec(name) is not None for name in preload.MODULES)
