"""A server that encrypts, as real as it gets: who it is gets checked, and what is wrong with it is said in words."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.errors import Unavailable
from shopdesk.store import error_text, upgrade
from shopdesk.store.database import connect
from support.postgresql import new_server


@pytest.fixture(scope="module")
def port() -> int:
    """Where the server will listen."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number: int = listener.getsockname()[1]
    return number


@pytest.fixture(scope="module")
def root(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The certificate that vouches for the server, which calls itself localhost."""
    authority = trustme.CA()
    folder = tmp_path_factory.mktemp("authority")
    authority.cert_pem.write_to_path(folder / "root.pem")
    settings = "listen_addresses=127.0.0.1 ssl=on fsync=off"
    with new_server(settings) as server:
        server.make()
        data = server.folder / "data"
        own = authority.issue_cert("localhost")
        own.private_key_pem.write_to_path(data / "server.key")
        own.cert_chain_pems[0].write_to_path(data / "server.crt")
        for name in ("server.key", "server.crt"):
            (data / name).chmod(0o600)
            shutil.chown(data / name, data.owner(), data.group())
        server.start(port=port)
        yield folder / "root.pem"


def told(address: str) -> str:
    """What is said of a connection that does not come about, or that it did."""
    database = connect(f"postgresql+psycopg://{address}")
    try:
        with database.engine.connect() as connection:
            encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            return "encrypted" if connection.execute(text(encrypted)).scalar() else "in clear"
    except DBAPIError as error:
        at_once = error_text.explain(error)
        with pytest.raises(Unavailable) as at_start:
            upgrade.open_ready(database)
        assert str(at_once) == str(at_start.value)
        return at_start.value.what
    finally:
        database.close()


def test_who_the_server_is_gets_checked_and_what_is_wrong_is_said(root: Path, port: int) -> None:
    here = f"localhost:{port}/postgres?sslmode=verify-full"
    assert told(f"postgres@{here}&sslrootcert={root}") == "encrypted"
    assert (
        told(f"postgres@{here}&sslrootcert=system")
        == "The database server's certificate is not trusted on this computer."
    )
    assert "root certificate file is missing" in told(f"postgres@{here}&sslrootcert={root}.gone")
    address = f"127.0.0.1:{port}/postgres?sslmode=verify-full&sslrootcert={root}"
    assert told(f"postgres@{address}") == "The database server's certificate is for another host name."
    assert told(f"nobody@{here}&sslrootcert={root}") == "The database server refused the user name or password."
    assert "does not exist on this server" in told(f"postgres@localhost:{port}/nowhere?sslmode=require")
