"""Pure: numbers that look random and are the same for the same seed: same seed and events, same assignments (I10)."""

MASK = (1 << 64) - 1


class Chance:
    """SplitMix64 (Steele, Lea, Flood 2014)."""

    def __init__(self, seed: int) -> None:
        self._state = seed & MASK

    def share(self) -> float:
        """More than 0, at most 1."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return (((mixed ^ (mixed >> 31)) >> 11) + 1) / (1 << 53)
