"""Who is on the lists: whom does a lead's id mean, where is that person, and what time is it there?"""

from datetime import datetime

from outboundd.model.lead import Lead
from outboundd.ports import LeadStore
from outboundd.rules import zones


class People:
    """The rows of the store by id. The log knows ids only; a show needs names (these are all made up)."""

    def __init__(self) -> None:
        self._rows: dict[str, Lead] = {}

    async def learn(self, store: LeadStore) -> None:
        """Read the rows again, after an import."""
        async for page in store.pages():
            self._rows |= {row.id: row for row in page}

    def who(self, lead: str) -> str:
        """Name and company."""
        row = self._rows[lead]
        return f"{row.contact}, {row.company}"

    def whose(self, lead: str) -> Lead:
        """The row as it was after the last import."""
        return self._rows[lead]

    def there(self, lead: str, at: datetime) -> str:
        """The recipient's own time and place."""
        row = self._rows[lead]
        where = zones.whereabouts(row)
        if isinstance(where, str):
            return ""
        return f"{at.astimezone(where.zones[0]):%H:%M} in {row.city or row.country}"
