"""What does a model of OpenAI cost, and since when do we believe so?

USD per million tokens. Prices fell several times in 2026: every line is as of 2026-11-24, from public price tables
(gpt-4o, gpt-4o-mini, gpt-5.4-mini) and from release notes that quote the vendor (gpt-6-luna, gpt-6-sol, Sep-Oct 2026).
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Price:
    """USD per million tokens: of a prompt, of the part of it that was in the vendor's cache, and of an answer.

    `cache_write` is for the part that the vendor puts into its cache; None: like the rest of the prompt.
    """

    input: float
    cached: float
    output: float
    cache_write: float | None = None

    def usd(self, prompt: int, answer: int, cached: int = 0, written: int = 0) -> float:
        """What these tokens cost; `cached` and `written` are parts of the prompt."""
        write = self.input if self.cache_write is None else self.cache_write
        fresh = max(0, prompt - cached - written)
        return (fresh * self.input + cached * self.cached + written * write + answer * self.output) / 1e6

    def most(self, prompt: int, answer: int) -> float:
        """The most that so many tokens can cost, whatever was cached."""
        return (prompt * max(self.input, self.cache_write or 0.0) + answer * self.output) / 1e6


PRICES: Mapping[str, Price] = {
    # Above 272,000 tokens of input a higher tariff; no prompt of ours comes near.
    "gpt-6-luna": Price(input=0.10, cached=0.01, output=0.50, cache_write=0.125),
    "gpt-6-sol": Price(input=2.00, cached=0.20, output=10.00),
    "gpt-5.4-mini": Price(input=0.75, cached=0.075, output=4.50),
    "gpt-4o": Price(input=2.50, cached=1.25, output=10.00),  # shut down on 2027-01-14
    "gpt-4o-mini": Price(input=0.15, cached=0.075, output=0.60),  # shut down on 2027-01-14
}
