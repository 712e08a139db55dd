"""Does the vendor say that the writer's model will be shut down, and has the operator been told in time?"""

from datetime import date
from zoneinfo import ZoneInfo

from outboundd.engine.parts import Parts
from outboundd.ports import Failure
from outboundd.rules import model_age

LOOKED = "model_looked_on"
CAUSE = "model.retires"


async def look_at_model_age(parts: Parts) -> None:
    """Once a day; told once at each threshold. That it could not be learned is logged and asked again tomorrow."""
    world, zone = parts.world, ZoneInfo(parts.settings.campaign.timezone)
    today = world.clock.now().astimezone(zone).date()
    if await world.ledger.get(LOOKED) == today.isoformat():
        return
    await world.ledger.put(LOOKED, today.isoformat())
    try:
        retires_on = await world.writer.retires_on()
    except Failure as failure:
        parts.log.write("model.unknown", vendor=failure.vendor, reason=failure.cause)
        return
    await _tell(parts, retires_on, model_age.threshold(retires_on, today))


async def _tell(parts: Parts, retires_on: date | None, threshold: int | None) -> None:
    """One incident per day of shutdown and threshold; those that no longer hold are over."""
    cause = f"{CAUSE}.{retires_on}.{threshold}"
    for incident in await parts.world.ledger.incidents(open_only=True):
        if incident.what.startswith(f"{CAUSE}.") and (threshold is None or incident.what != cause):
            await parts.alerts.over(incident.what)
    if threshold is not None:
        told = f"The model of {parts.world.writer.name} is shut down on {retires_on}"
        await parts.alerts.tell(cause, "The writer's model is shut down soon", told)
