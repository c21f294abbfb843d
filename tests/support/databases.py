"""A database of its own for each test, once on SQLite and once on a real PostgreSQL; migrated once, then copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from shopdesk.store import upgrade
from shopdesk.store.database import Database, connect
from support.postgresql import Server


def _migrate(url: str) -> None:
    database = connect(url)
    upgrade.open_ready(database)
    database.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """SQLAlchemy's URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'shop.db'}"


@pytest.fixture
def postgresql_url(postgresql: Server) -> Iterator[str]:
    """SQLAlchemy's URL of a fresh, empty PostgreSQL database."""
    with postgresql.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """SQLAlchemy's URL of a fresh, empty database: each test that asks runs on SQLite and on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "shop.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def _postgresql_template(postgresql: Server) -> Iterator[str]:
    name = postgresql.create()
    _migrate(postgresql.url(name))
    yield name
    postgresql.drop(name)


@pytest.fixture(scope="session")
def _killable_template(_killable_server: Server) -> str:
    if not _killable_server.is_running:
        _killable_server.start()
    name = _killable_server.create()
    _migrate(_killable_server.url(name))
    return name


@pytest.fixture
def killable_shop(killable_server: Server, _killable_template: str) -> Iterator[str]:
    """The name of a database with every table and no shop in it, on the server that is to be killed."""
    if not killable_server.is_running:
        killable_server.start()
    name = killable_server.create(template=_killable_template)
    yield name
    if not killable_server.is_running:
        killable_server.start()
    killable_server.drop(name)


@pytest.fixture
def sqlite_shop_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """SQLAlchemy's URL of a SQLite file with every table and no shop in it."""
    path = tmp_path / "shop.db"
    shutil.copyfile(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_shop_url(postgresql: Server, _postgresql_template: str) -> Iterator[str]:
    """SQLAlchemy's URL of a PostgreSQL database with every table and no shop in it."""
    with postgresql.database(template=_postgresql_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def shop_url(request: pytest.FixtureRequest) -> str:
    """SQLAlchemy's URL of a database with every table and no shop in it, on SQLite and on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_shop_url"))


@pytest.fixture
def database(shop_url: str) -> Iterator[Database]:
    """An open database with every table and no shop in it, on SQLite and on PostgreSQL."""
    opened = connect(shop_url)
    yield opened
    opened.close()
