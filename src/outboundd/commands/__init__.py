"""What can the operator say? One registry, called alike by the terminal, the control socket and the chat."""

from outboundd.commands.check import CHECK
from outboundd.commands.desk import Command
from outboundd.commands.figures import RECENT, STATS
from outboundd.commands.forget import FORGET
from outboundd.commands.import_leads import IMPORT
from outboundd.commands.incidents import INCIDENTS, NOTE
from outboundd.commands.leads import LEADS
from outboundd.commands.override import OVERRIDE
from outboundd.commands.prompt import PROMPT
from outboundd.commands.queue import QUEUE
from outboundd.commands.runs import ONCE
from outboundd.commands.schedule import JOBS_COMMAND
from outboundd.commands.setup import SETUP
from outboundd.commands.stop import STOP
from outboundd.commands.suppress import SUPPRESS
from outboundd.commands.switches import PAUSE, RESUME
from outboundd.commands.verify import VERIFY
from outboundd.commands.why import WHY

COMMANDS: dict[str, Command] = {
    command.name: command
    for command in (
        ONCE,
        IMPORT,
        SUPPRESS,
        OVERRIDE,
        STOP,
        FORGET,
        VERIFY,
        WHY,
        PROMPT,
        QUEUE,
        LEADS,
        STATS,
        RECENT,
        CHECK,
        INCIDENTS,
        NOTE,
        SETUP,
        PAUSE,
        RESUME,
        JOBS_COMMAND,
    )
}
