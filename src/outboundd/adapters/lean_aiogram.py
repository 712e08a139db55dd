"""How is aiogram loaded without building four hundred models that nobody here uses?

At its import aiogram 3.31 (2026-08-26) builds a validator for every type of the Bot API: 103 MiB and 1.5 s (measured
2026-11-24, pydantic 2.13). Its models are declared to be built late; what is put off here is only that loop. Each is
then built at its first use, with the names that the loop would have given it. A version that does without the loop is
loaded as it is.
"""

import sys
from typing import Any

from pydantic import BaseModel


def load() -> None:
    """Import aiogram. To be called before anything else imports it; afterwards it changes nothing."""
    if "aiogram" in sys.modules:
        return
    build = vars(BaseModel)["model_rebuild"].__func__
    names: dict[str, Any] = {}

    def put_off(model: type[BaseModel], **how: Any) -> bool | None:  # noqa: ANN401 (pydantic's own arguments)
        if not model.__module__.startswith("aiogram."):
            return build(model, **how)  # type: ignore[no-any-return]
        names.update(how.get("_types_namespace") or {})
        return None

    def build_late(model: type[BaseModel], **how: Any) -> bool | None:  # noqa: ANN401 (pydantic's own arguments)
        return build(model, **{**how, "_types_namespace": names})  # type: ignore[no-any-return]

    _set(BaseModel, put_off)
    try:
        from aiogram.methods.base import Response, TelegramMethod
        from aiogram.types import TelegramObject
    finally:
        _set(BaseModel, build)
    for base in (TelegramObject, TelegramMethod, Response):
        _set(base, build_late)


def _set(model: type[BaseModel], rebuild: Any) -> None:  # noqa: ANN401 (a function with pydantic's own arguments)
    setattr(model, "model_rebuild", classmethod(rebuild))  # noqa: B010 (a method of another's class)
