"""One trained understanding for all tests of the folder: training takes seconds."""

from datetime import datetime

import pytest

from ivr.nlu.understanding import FlowUnderstanding, build_understanding
from tests.nlu.vocabularies import BANK_EN, BANK_ZH

MONDAY = datetime(2026, 3, 2, 9, 30)


@pytest.fixture(scope="session")
def bank() -> FlowUnderstanding:
    return build_understanding({"en": BANK_EN, "zh": BANK_ZH}, now=lambda: MONDAY)
