"""Who asks at the same time shares a transaction, and what is wrong with one is not the others' trouble."""

import asyncio
from collections.abc import Sequence

import pytest

from ivr.model.errors import BadQuery, IvrError, StoreError
from ivr.store.together import MOST, Together


class Book:
    """Doubles numbers. Refuses 13, breaks at 0, is away at 99."""

    def __init__(self) -> None:
        self.transactions: list[list[int]] = []

    async def carry_out(self, asks: Sequence[int]) -> Sequence[int | IvrError]:
        self.transactions.append(list(asks))
        if 99 in asks:
            raise StoreError("away")
        if 0 in asks:
            raise ZeroDivisionError
        return [BadQuery("unlucky") if one == 13 else one * 2 for one in asks]


def asked(*numbers: int) -> tuple[list[int | BaseException], list[list[int]]]:
    async def run() -> tuple[list[int | BaseException], list[list[int]]]:
        book = Book()
        together = Together[int, int](book.carry_out)
        told = await asyncio.gather(*map(together.ask, numbers), return_exceptions=True)
        return list(told), book.transactions

    return asyncio.run(run())


def test_those_who_ask_together_share_a_transaction_and_are_told_in_order() -> None:
    assert asked(1, 2, 3) == ([2, 4, 6], [[1, 2, 3]])


def test_what_is_wrong_with_one_is_told_to_that_one() -> None:
    told, transactions = asked(1, 13, 3)
    assert [told[0], told[2], type(told[1]), transactions] == [2, 6, BadQuery, [[1, 13, 3]]]


def test_where_one_breaks_the_transaction_each_of_the_others_has_its_own() -> None:
    told, transactions = asked(1, 0, 3)
    assert [told[0], told[2], type(told[1])] == [2, 6, ZeroDivisionError]
    assert transactions == [[1, 0, 3], [1], [0], [3]]


def test_a_database_that_is_away_is_not_asked_again_for_each() -> None:
    told, transactions = asked(1, 99, 3)
    assert [type(one) for one in told] == [StoreError] * 3
    assert transactions == [[1, 99, 3]]


def test_very_many_are_taken_in_turns() -> None:
    told, transactions = asked(*range(1000, 1000 + MOST + 1))
    assert [len(some) for some in transactions] == [MOST, 1]
    assert told[-1] == 2 * (1000 + MOST)


def test_who_is_not_interested_any_more_holds_up_nobody() -> None:
    async def run() -> int:
        together = Together[int, int](Book().carry_out)
        gone = asyncio.ensure_future(together.ask(1))
        stays = asyncio.ensure_future(together.ask(2))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        return await stays

    assert asyncio.run(run()) == 4
