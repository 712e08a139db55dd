"""What did the operator say in a chat, and was it carried out?"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from outboundd.adapters.ledger.part import Part
from outboundd.adapters.sqlite_file import instant, micros
from outboundd.model.chat import Order

# A chat delivers again for a day at most, and may begin its numbers anew after a week without a word (Bot API 10.3).
KEPT = timedelta(days=6)

_HEARD, _BEGUN, _DONE = "heard", "begun", "done"
_HEAR = "INSERT INTO command (id, at, who, state, text) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
_FORGET = f"DELETE FROM command WHERE state = '{_DONE}' AND at < ?"  # noqa: S608 (a word of ours)
_BEGIN = f"UPDATE command SET state = '{_BEGUN}' WHERE id = ? AND state = '{_HEARD}'"  # noqa: S608
# What was said may name a person: it is kept no longer than it is needed.
_END = f"UPDATE command SET state = '{_DONE}', text = '' WHERE id = ?"  # noqa: S608
_OPEN = f"SELECT * FROM command WHERE state <> '{_DONE}' ORDER BY at, length(id), id"  # noqa: S608


class Orders(Part):
    """The inbox of the chat."""

    async def hear(self, order: Order, now: datetime) -> bool:
        with self._db.transaction():
            self._db.run(_FORGET, (micros(now - KEPT),))
            return self._db.run(_HEAR, (order.id, micros(order.at), order.who, _HEARD, order.text)) == 1

    async def begin_order(self, order: str) -> bool:
        return self._db.run(_BEGIN, (order,)) == 1

    async def end_order(self, order: str) -> None:
        self._db.run(_END, (order,))

    async def orders(self) -> Sequence[Order]:
        return [
            Order(id=row["id"], who=row["who"], text=row["text"], at=instant(row["at"]), begun=row["state"] == _BEGUN)
            for row in self._db.rows(_OPEN)
        ]
