"""Pure: how sure a figure is: Wilson intervals, margins (domain.md 2.3.8, 2.3)."""

import math
from collections.abc import Sequence

Z95 = 1.96


def wilson(successes: float, n: float, z: float = Z95) -> tuple[float, float]:
    """95 % interval of a share; without cases it may be anything: (0, 1).

    centre = (p + z^2/2n) / (1 + z^2/n), half = z * sqrt(p(1-p)/n + z^2/4n^2) / (1 + z^2/n).
    """
    if n <= 0:
        return 0.0, 1.0
    p = successes / n
    scale = 1 + z * z / n
    centre = (p + z * z / (2 * n)) / scale
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)


def nps_margin(promoters: int, passives: int, detractors: int) -> float | None:
    """Half width of the 95 % interval, in points: 1.96 * sqrt((P + D - (P - D)^2) / n) * 100; None without answers."""
    n = promoters + passives + detractors
    if not n:
        return None
    p, d = promoters / n, detractors / n
    return Z95 * math.sqrt((p + d - (p - d) ** 2) / n) * 100


def mean_margin(values: Sequence[float]) -> float | None:
    """Half width of the 95 % interval of a mean: 1.96 * s / sqrt(n); None for fewer than two values."""
    n = len(values)
    if n < 2:
        return None
    mean = sum(values) / n
    return Z95 * math.sqrt(sum((value - mean) ** 2 for value in values) / (n - 1) / n)


def differ(successes_a: float, n_a: float, successes_b: float, n_b: float) -> bool:
    """Two-proportion test at 95 %: are these shares of two teams really different (domain.md 2.3.8)?"""
    if n_a <= 0 or n_b <= 0:
        return False
    pooled = (successes_a + successes_b) / (n_a + n_b)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b))
    return error > 0 and abs(successes_a / n_a - successes_b / n_b) / error > Z95
