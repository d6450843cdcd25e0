"""What another agent reads of a case: the solution, and not who it was."""

import pytest

from ivr.assist.hiding import without_names

PRIVATE = ("+8613800000001", "Mei Lin", "ORD-77120", "AC", "7")


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("Reset the unit, code E4 gone after 10 minutes.", "Reset the unit, code E4 gone after 10 minutes."),
        ("Mei Lin has order ORD-77120; mei lin is happy.", "… has order …; … is happy."),
        ("Called back Mrs. Wang-Smith and Dr Lee.", "Called back … and …."),
        ("Customer Anna Berg wanted 25 back by 18:30.", "Customer … wanted 25 back by 18:30."),
        ("the caller's name is Bob, sent form 12345-678", "the caller's name is …, sent form …"),
        ("Write to anna@example.com or ring 13900001111.", "Write to <EMAIL> or ring <PHONE>."),
        ("为王小明先生重置了空调,E4消失。", "为…先生重置了空调,E4消失。"),
        ("客户李雷,要求退款300元。", "客户…,要求退款300元。"),
        ("已请先生重启设备。", "已请先生重启设备。"),
        ("Told them to clean the AC filter.", "Told them to clean the AC filter."),
        ("", ""),
    ],
)
def test_names_and_numbers_are_hidden_and_the_rest_stays(note: str, shown: str) -> None:
    assert without_names(note, PRIVATE, shared=("ac",)) == shown


def test_a_fact_that_only_that_customer_had_is_hidden() -> None:
    assert without_names("Told them to clean the AC filter.", PRIVATE) == "Told them to clean the … filter."
