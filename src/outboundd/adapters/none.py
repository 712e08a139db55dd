"""What is found out about a company when there is no researcher? Nothing."""

from outboundd.model.mail import Research


class NoResearcher:
    """Finds nothing, at no cost; mails are written from the row alone."""

    name = "none"
    usd_at_most = 0.0

    async def research(self, company: str, website: str) -> Research:
        """Nothing."""
        return Research()

    async def aclose(self) -> None:
        """Holds nothing open."""

    async def probe(self) -> str:
        """One line for `check`."""
        return "no researcher: mails are written from the lead's row alone"
