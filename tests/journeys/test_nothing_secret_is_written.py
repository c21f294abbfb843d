"""No password, PIN, code, token, verifier or secret of a whole day reaches the log, a report or the data folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from gateways.oidc_server import Client, OidcServer
from shopdesk import logs
from support.keyrings import MemoryKeyring
from support.windows import PASSWORD, Begin

SECRET, PIN, WRONG = "client-secret-of-this-very-test", "258036", "a wrong password of mine"


@pytest.fixture(autouse=True)
def _fresh_log_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the secrets that another test hid from the log."""
    monkeypatch.setattr(logs, "_hidden", set())


def test_nothing_secret_of_a_whole_day_is_written_down(
    begin: Begin, home: Path, memory_keyring: MemoryKeyring, expect_log: Callable[[str], object]
) -> None:
    home.mkdir(exist_ok=True)
    memory_keyring.secrets["shopdesk", "provider company"] = SECRET
    secrets = {SECRET, PIN, WRONG, PASSWORD}
    with OidcServer(Client("shopdesk", ("http://127.0.0.1/callback",), SECRET)) as company:
        (home / "shopdesk.toml").write_text(
            f'log_level = "debug"\n[providers.company]\nissuer = "{company.issuer}"\nclient_id = "shopdesk"\n'
        )
        given: list[dict[str, Any]] = []

        def overhear(tokens: dict[str, Any]) -> dict[str, Any]:
            given.append(tokens)
            return tokens

        company.alter_tokens = overhear
        window = begin()
        ways_back: list[str] = []

        def browse(address: str) -> bool:
            answer = requests.get(address, timeout=10)
            ways_back.extend([address, answer.url])
            return True

        window.main.browse = browse
        window.open_shop()

        # The whole way through a provider, well and badly.
        window.workspace._turn_to("My account")
        window.rest()
        window.press("Link Company")
        window.type_into("Your password", WRONG)
        window.press("Continue")
        window.rest()
        window.type_into("Your password", PASSWORD)
        window.press("Continue")
        window.see("Unlink Company")
        window.rest()
        window.type_into("New PIN", PIN)
        window.type_into("Repeat PIN", PIN)
        window.type_into("Your password", PASSWORD)
        window.press("Set PIN")
        window.qtbot.waitUntil(lambda: "Your PIN is set." in window.main.notices.texts)
        window.rest()

        # The lock: a wrong password, then the PIN.
        window.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        window.see("Unlock")
        window.rest()
        window.press("Use the password instead")
        window.until_at("Password")
        window.type(WRONG)
        window.key(Qt.Key.Key_Return)
        page = window.main.lock_page
        assert page is not None
        window.qtbot.waitUntil(lambda: bool(page.answer.words.text()))
        window.press("Use the PIN instead")
        window.until_at("PIN")
        window.type(PIN)
        window.key(Qt.Key.Key_Return)
        window.qtbot.waitUntil(window.workspace.isVisible)

        # The provider answers nonsense, and the program breaks with everything in its hands.
        window.main.sign_out()
        company.write_token = lambda header, claims: "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."
        window.press("Continue with Company")
        window.qtbot.waitUntil(window.main.sign_in_flow.sign_in.provider_answer.isVisible)
        window.rest()
        for address in ways_back:
            asked = dict(parse_qsl(urlsplit(address).query))
            secrets |= {asked[name] for name in ("code", "state", "nonce") if name in asked}
        secrets |= {str(tokens[name]) for tokens in given for name in ("access_token", "id_token")}
        secrets |= {request.form["code_verifier"] for request in company.asked if "code_verifier" in request.form}
        secrets.add(memory_keyring.secrets["shopdesk", "pin pepper"])
        expect_log("unexpected error in the background")

        def break_down(*args: object) -> None:
            try:
                raise KeyError(f"pin={PIN} password={PASSWORD} in {ways_back[-1]}")
            except KeyError as error:
                raise ZeroDivisionError(f"client_secret={SECRET} {given}") from error

        window.main._background.run_in_pool(break_down, PASSWORD, PIN, owner=window.main)
        window.press("Report")
        report = window.find("Report", QPlainTextEdit).toPlainText()
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        dialog.close()
        window.rest()

    assert "ZeroDivisionError" in report
    log = "".join(path.read_text("utf-8") for path in (home / "logs").iterdir())
    assert "ZeroDivisionError" in log
    assert len(secrets) > 12
    for where, text in (("log", log), ("report", report)):
        assert not [secret for secret in secrets if secret in text], where
    # Nor does anything lie in the clear in the data folder, the shop's file with its journal included.
    for path in home.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in content], path.name
