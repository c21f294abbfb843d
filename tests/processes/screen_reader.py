"""A screen reader for tests: reads the windows of this session through AT-SPI and keeps what is announced.

Runs under the system's Python, which has ``pyatspi``. A line of JSON comes in, a name of ``COMMANDS`` with what it is
given, and a line of JSON goes out. A command waits until what it looks for is there; after PATIENCE_SECONDS the answer
is ``{"missing": …}`` with what was there instead.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pyatspi
from gi.repository import GLib

PATIENCE_SECONDS = 30.0
LOOK_MS = 100
READY = "ready"

_heard: list[str] = []


def elements() -> Iterator[Any]:
    """Return everything that shows now in the active window, from the top."""
    for application in pyatspi.Registry.getDesktop(0):
        for window in application:
            if window is not None and window.getState().contains(pyatspi.STATE_ACTIVE):
                yield from _showing(window)


def _showing(element: Any) -> Iterator[Any]:
    if element is not None and element.getState().contains(pyatspi.STATE_SHOWING):
        yield element
        for child in element:
            yield from _showing(child)


def _role(element: Any) -> str:
    """Return the name of a role as newer systems have it: a push button is a button there."""
    return str(element.getRoleName()).removeprefix("push ")


def told(element: Any) -> dict[str, Any]:
    """Return what a person is told of an element, and what can be done with it."""
    interfaces = pyatspi.listInterfaces(element)
    return {
        "role": _role(element),
        "name": element.name,
        "description": element.description,
        "text": element.queryText().getText(0, -1) if "Text" in interfaces else "",
        "states": [pyatspi.stateToString(state) for state in element.getState().getStates()],
        "actions": _actions(element) if "Action" in interfaces else [],
    }


def _actions(element: Any) -> list[str]:
    action = element.queryAction()
    return [action.getName(at) for at in range(action.nActions)]


def _snapshot() -> list[dict[str, Any]]:
    try:
        return [told(element) for element in elements()]
    except (GLib.GError, NotImplementedError):  # it was closed meanwhile
        return []


def _is_so(element: Any, role: str, name: str, states: list[str]) -> bool:
    if _role(element) != role or element.name != name:
        return False
    now = {pyatspi.stateToString(state) for state in element.getState().getStates()}
    return now >= set(states)


def see(role: str, name: str, *states: str) -> dict[str, Any] | None:
    """Return the element of this role and name that has these states."""
    return next((told(element) for element in elements() if _is_so(element, role, name, list(states))), None)


def act(role: str, name: str, wanted: str) -> dict[str, Any] | None:
    """Do one of the actions of an element."""
    for element in elements():
        if _is_so(element, role, name, ["enabled"]) and wanted in _actions(element):
            element.queryAction().doAction(_actions(element).index(wanted))
            return {}
    return None


def hear(text: str) -> dict[str, Any] | None:
    """Return what was announced up to a text, and forget it."""
    if text not in _heard:
        return None
    at = _heard.index(text) + 1
    heard, _heard[:at] = _heard[:at], []
    return {"heard": heard}


def everything() -> dict[str, Any] | None:
    """Return all that shows."""
    return {"elements": _snapshot()}


COMMANDS: dict[str, Callable[..., dict[str, Any] | None]] = {
    "see": see,
    "act": act,
    "hear": hear,
    "everything": everything,
}


def _answer(command: str, *given: str) -> dict[str, Any]:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            found = COMMANDS[command](*given)
        except (GLib.GError, NotImplementedError):  # an element was closed while it was read
            found = None
        if found is not None:
            return found
        GLib.MainContext.default().iteration(True)
    return {"missing": [command, *given], "heard": _heard, "there": _snapshot()}


def main() -> None:
    """Answer until the input ends."""
    pyatspi.Registry.registerEventListener(lambda event: _heard.append(event.any_data), "object:announcement")
    GLib.timeout_add(LOOK_MS, lambda: True)  # wakes the loop, so that it looks again
    print(READY, flush=True)
    for line in sys.stdin:
        print(json.dumps(_answer(*json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
