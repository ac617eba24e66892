"""Bounds of a share that was measured: Clopper and Pearson 1934, two-sided, 95 %; with nothing missed it is near the rule of three."""

from __future__ import annotations

import math

CONFIDENCE = 0.95


def lower(found: int, of: int) -> float:
    """Returns the lower bound of a share of `found` out of `of`."""
    if of == 0 or found == 0:
        return 0.0
    return _bisect(lambda share: _at_least(found, of, share) - (1 - CONFIDENCE) / 2)


def upper(found: int, of: int) -> float:
    """Returns the upper bound."""
    return 1.0 - lower(of - found, of) if of else 1.0


def _bisect(rising) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return low


def _at_least(found: int, of: int, share: float) -> float:
    """Returns how likely `found` or more are, each with likelihood `share`."""
    if share <= 0.0 or share >= 1.0:
        return float(share >= 1.0)
    logs = (math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * math.log(share) + (of - k) * math.log1p(-share) for k in range(found, of + 1))
    return math.fsum(math.exp(log) for log in logs)
