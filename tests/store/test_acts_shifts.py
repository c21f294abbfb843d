"""Shifts and the close of the day on a server, by the role of a till: its acts do all of it, raw SQL nothing."""

import pytest
from sqlalchemy.exc import DBAPIError

from shopdesk.domain.account import NotAllowed, Right
from shopdesk.domain.money import Money
from shopdesk.queries import verify
from shopdesk.row_keys import new_key
from shopdesk.usecases import day_close, shifts
from support.tills import TwoTills, call, signed_in

_WHO = "_token => :token, _lent => NULL, _lender => NULL, _actor => :actor, _till => :till, _at => now()"
_SAID = "_subject => 'x', _before => '', _after => ''"


def test_a_cashier_opens_and_counts_and_a_manager_does_the_rest(tills: TwoTills) -> None:
    ben, ada = signed_in(tills.ben, "ben"), tills.ada
    sold = ben.issue(customer="")
    shift = ben.do(shifts.open_shift, Money(10_000, sold.currency))
    assert (shift.number, shift.by_name, shift.opening) == (1, "Ben", 10_000)
    paid = ben.issue(customer="")
    with pytest.raises(NotAllowed) as refused:
        ben.do(shifts.move_cash, Money(500, sold.currency), "milk", is_out=True, movement_key=new_key())
    assert refused.value.right is Right.MOVE_CASH
    outcome = ben.do(shifts.count_shift, ((10_000, 1),))
    assert outcome.result.expected == 10_000 + paid.gross.minor
    with pytest.raises(NotAllowed):
        ben.do(day_close.close_day)
    assert ada.do(day_close.close_day).number == 1
    assert ada.do(day_close.close_day).number == 2
    assert ada.ask(lambda session: list(verify.violations(session))) == []


def test_raw_sql_of_a_cashier_changes_no_shift_and_closes_no_day(tills: TwoTills) -> None:
    ben = signed_in(tills.ben, "ben")
    ben.do(shifts.open_shift, Money(10_000, ben.draft().currency))
    told = f'''{{"till_key":"{ben.by.till.key}","shift":1,"attempt":1,"until_seq":9,"counted_minor":1,"pieces":"[]",'''
    told += """"expected_minor":1,"amount_minor":-5,"reason":"x"}"""
    hostile = (
        "INSERT INTO shifts SELECT * FROM shifts",
        "UPDATE shifts SET opening_minor = 0",
        "DELETE FROM shifts",
        "INSERT INTO cash_movements SELECT gen_random_uuid(), till_key, 1, -5, 'x', now(), by_key, by_name FROM shifts",
        "INSERT INTO shift_counts SELECT till_key, 1, 1, 0, 0, '[]', now(), by_key, by_name, 1 FROM shifts",
        "INSERT INTO day_closes SELECT gen_random_uuid(), now(), current_date, by_key, by_name, 0, 1, '{}' FROM shifts",
        f"SELECT shopdesk_acts.open_shift({_WHO}, {_SAID}, _told => :told)",
        f"SELECT shopdesk_acts.move_cash({_WHO}, {_SAID}, _told => :told)",
        f"SELECT shopdesk_acts.count_shift({_WHO}, {_SAID}, _told => :told)",  # its till has gone on since
        f"SELECT shopdesk_acts.count_shift({_WHO}, {_SAID}, _told => replace(:told, '\"counted_minor\"\\:1,', ''))",
        f"SELECT shopdesk_acts.close_day({_WHO}, _key => gen_random_uuid(), _sealed => 0, _report => '{{}}')",
        f"SELECT shopdesk_acts.note_drawer_opened({_WHO}, _subject => 'x', _reason => 'x')",
        "SELECT shopdesk_acts.tell_shift(:till, :actor, NULL, 'cash moved', now(), 'x', '', '', :told)",
        f"SELECT shopdesk_acts.hold_books({_WHO.removesuffix(', _at => now()')})",
    )
    who = {"token": ben.by.staff.token, "actor": ben.by.staff.key, "till": ben.by.till.key}
    before = tills.rows()
    for statement in hostile:
        with pytest.raises(DBAPIError):
            call(ben, statement, **(who | {"told": told}))
    with pytest.raises(DBAPIError, match="Your sign-in has ended"):
        call(
            ben,
            f"SELECT shopdesk_acts.open_shift({_WHO}, {_SAID}, _told => :told)",
            **(who | {"told": told, "token": b"no"}),
        )
    assert tills.rows() == before
    assert ben.ask(lambda session: list(verify.violations(session))) == []
