"""Secrets in the system's keyring: a real GNOME Keyring, none at all, a locked one, and one that keeps nothing."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import keyring
import pytest
from keyring.backends import null

from shopdesk import logs
from shopdesk.domain.errors import Unavailable
from shopdesk.gateways import keychain
from support.keyrings import MemoryKeyring

CALLS: dict[str, Callable[[], object]] = {
    "read": lambda: keychain.read("mail"),
    "write": lambda: keychain.write("mail", "hunter2 XYZZY"),
    "forget": lambda: keychain.delete("mail"),
}


@pytest.fixture(params=CALLS)
def call(request: pytest.FixtureRequest) -> Callable[[], object]:
    return CALLS[request.param]


def test_a_secret_is_kept_read_replaced_and_forgotten(memory_keyring: MemoryKeyring) -> None:
    assert keychain.read("mail") is None
    keychain.write("mail", "hunter2")
    keychain.write("mail", "hunter3")
    keychain.write("database", "other")
    assert memory_keyring.secrets["shopdesk", "mail"] == "hunter3"
    assert keychain.read("mail") == "hunter3"
    keychain.delete("mail")
    keychain.delete("mail")
    assert keychain.read("mail") is None
    assert keychain.read("database") == "other"


def test_what_was_read_or_written_never_reaches_the_log(memory_keyring: MemoryKeyring) -> None:
    memory_keyring.secrets["shopdesk", "database"] = "swordfish 99"
    keychain.read("database")
    keychain.write("mail", "open sesame 47")
    assert logs.without_secrets("he said open sesame 47 and swordfish 99") == "he said [hidden] and [hidden]"


def test_a_machine_without_a_keyring_is_said_in_words(no_keyring: None, call: Callable[[], object]) -> None:
    with pytest.raises(
        Unavailable, match=r"no keyring to store passwords in\. You will be asked for passwords each time"
    ):
        call()


def test_a_locked_keyring_is_said_in_words(locked_keyring: None, call: Callable[[], object]) -> None:
    with pytest.raises(Unavailable, match=r"keyring is locked\. Unlock it and try again"):
        call()


def test_a_keyring_that_keeps_nothing_is_none(call: Callable[[], object]) -> None:
    keyring.set_keyring(null.Keyring())
    with pytest.raises(Unavailable, match="no keyring"):
        call()


def test_a_keyring_that_writes_a_readable_file_is_none(call: Callable[[], object]) -> None:
    plaintext = type("PlaintextKeyring", (MemoryKeyring,), {"__module__": "keyrings.alt.file"})
    keyring.set_keyring(plaintext())
    with pytest.raises(Unavailable, match="no keyring"):
        call()


class _Broken(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise BrokenPipeError(32, "the bus is gone, password=hunter2")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.PasswordSetError("the bus is gone, password=hunter2")


def test_a_keyring_that_breaks_is_said_in_words_without_the_secret(call: Callable[[], object]) -> None:
    keyring.set_keyring(_Broken())
    with pytest.raises(Unavailable, match=r"keyring does not work: .*the bus is gone") as failed:
        call()
    assert "hunter2" not in str(failed.value)


def test_an_error_of_windows_credential_manager_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, call: Callable[[], object]
) -> None:
    """Such as 1312, where a policy forbids to store passwords; the backend passes it on as it is."""
    windows = ModuleType("win32ctypes.pywin32.pywintypes")
    error = type("error", (Exception,), {})
    windows.error = error  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, windows.__name__, windows)

    class Refusing(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            raise error(1312, "CredRead", "A specified logon session does not exist")

    keyring.set_keyring(Refusing())
    with pytest.raises(Unavailable, match=r"keyring does not work: .*logon session does not exist"):
        call()


# --- the real one ---------------------------------------------------------------------------------------------------

_NEEDED = ["dbus-run-session", "gnome-keyring-daemon"]

# The keyring's service ends with the session's bus.
_IN_SESSION = """
eval "$(printf %s test | gnome-keyring-daemon --unlock --components=secrets --daemonize)"
exec "$1" -c "$2"
"""

_STORY = """
import keyring
from shopdesk.gateways import keychain
assert type(keyring.get_keyring()).__module__.startswith(("keyring.backends.SecretService", "keyring.backends.chainer"))
assert keychain.read("mail") is None
keychain.write("mail", "za\\u017c\\u00f3\\u0142\\u0107 'hunter2'")
keychain.write("mail", "za\\u017c\\u00f3\\u0142\\u0107 'hunter3'")
assert keyring.get_password("shopdesk", "mail") == "za\\u017c\\u00f3\\u0142\\u0107 'hunter3'" == keychain.read("mail")
keychain.write("gone", "x" * 5000)
keychain.delete("gone")
keychain.delete("gone")
assert keychain.read("gone") is None
print("kept")
"""

_LOCKED = """
import subprocess, keyring, secretstorage
from shopdesk.gateways import keychain
from shopdesk.domain.errors import Unavailable
keychain.write("mail", "hunter2")
with secretstorage.dbus_init() as bus:
    secretstorage.get_default_collection(bus).lock()
try:
    print(keychain.read("mail"))
except Unavailable as error:
    print(error)
"""


@pytest.fixture
def in_keyring_session(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Runs Python code in a session with a bus and an unlocked GNOME Keyring of its own; gives what it printed."""
    missing = [program for program in _NEEDED if not shutil.which(program)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (Debian: apt-get install dbus gnome-keyring)")
    runtime = tmp_path / "run"
    runtime.mkdir(mode=0o700)
    without = {"PYTHON_KEYRING_BACKEND", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY"}
    environ = {name: value for name, value in os.environ.items() if name not in without}
    environ |= {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime), "PYTHONPATH": os.pathsep.join(sys.path)}

    def run(code: str) -> str:
        command = ["dbus-run-session", "--", "sh", "-c", _IN_SESSION, "sh", sys.executable, code]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=40)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    yield run
    # The keyring's file is there, and no secret can be read in it.
    files = list(tmp_path.rglob("*.keyring"))
    assert files
    assert not [path for path in files if b"hunter" in path.read_bytes()]


def test_a_real_keyring_keeps_secrets(in_keyring_session: Callable[[str], str]) -> None:
    assert in_keyring_session(_STORY) == "kept"


def test_a_real_keyring_that_is_locked_is_said_in_words(in_keyring_session: Callable[[str], str]) -> None:
    assert in_keyring_session(_LOCKED).startswith("The system's keyring is locked. Unlock it")
