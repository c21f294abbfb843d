"""On PostgreSQL a till's role prints by functions that let it touch no print of another till."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.print_job import DocumentPrint, PrintRequest, PrintState
from shopdesk.domain.printer import PaperChoice
from shopdesk.row_keys import new_key
from shopdesk.store import print_jobs as kept
from shopdesk.store.tables import print_jobs as table
from shopdesk.usecases import accounts, documents, print_jobs
from support.shops import SampleShop
from support.tills import TwoTills, call, signed_in

WORKER = new_key()
ROLL = PrintRequest(paper=PaperChoice.ROLL)


def waiting(at: SampleShop) -> list[DocumentPrint]:
    open_here = select(table).where(table.c.till_key == at.by.till.key, table.c.ended_at.is_(None))
    is_left = table.c.state.in_(("queued", "given"))
    rows = at.ask(lambda session: session.execute(open_here.where(is_left).order_by(table.c.key)).all())
    return list(map(kept.to_print, rows))


def claim(at: SampleShop, key: UUID) -> bool:
    with at.database.sessions.begin() as session:
        return kept.claim(session, key, worker=WORKER)


def end(at: SampleShop, key: UUID, state: PrintState) -> bool:
    with at.database.sessions.begin() as session:
        return kept.record_result(session, key, worker=WORKER, state=state, words="", at=at.now)


def test_each_till_prints_only_its_own_also_where_nobody_is_signed_in(tills: TwoTills) -> None:
    ben = signed_in(tills.ben, "ben")
    for one in (tills.ada, ben):
        one.do(documents.issue, one.draft(), to_print=ROLL)
    (mine,), (his,) = waiting(tills.ada), waiting(ben)
    with ben.database.sessions.begin() as session:
        accounts.sign_out(session, ben.by.staff.token)
    assert not claim(tills.ada, his.key)
    assert claim(ben, his.key)
    assert not end(tills.ada, his.key, PrintState.PRINTED)
    with tills.ada.database.sessions.begin() as session:
        assert kept.release(session, ben.by.till.key, worker=new_key()) == 0
    assert end(ben, his.key, PrintState.PRINTED)
    assert waiting(ben) == []
    assert waiting(tills.ada) == [mine]
    with pytest.raises(Exception, match="has ended"):
        ben.do(print_jobs.print_document, mine.document_key, PaperChoice.ROLL)


def test_a_role_without_a_sign_in_changes_no_print(tills: TwoTills) -> None:
    document = tills.ada.do(documents.issue, tills.ada.draft(), to_print=ROLL)
    (job,) = waiting(tills.ada)
    by = tills.ada.by
    given = {"actor": by.staff.key, "till": by.till.key, "key": job.key, "document": document.key}
    for act in (
        "UPDATE print_jobs SET state = 'printed'",
        "DELETE FROM print_jobs",
        "SELECT shopdesk_acts.queue_print(NULL, NULL, NULL, :actor, :till, :key, :document, 'original', 'a4', 0, NULL)",
        "SELECT shopdesk_acts.settle_print(NULL, NULL, NULL, :actor, :till, :key, NULL)",
    ):
        with pytest.raises(DBAPIError, match=r"permission denied|has ended"):
            call(tills.ada, act, **{name: value for name, value in given.items() if f":{name}" in act})
    assert waiting(tills.ada) == [job]
