"""What can the operator say? One registry, called alike by the terminal and the control socket."""

from outboundd.commands.check import CHECK
from outboundd.commands.desk import Command
from outboundd.commands.figures import RECENT, STATS
from outboundd.commands.queue import QUEUE
from outboundd.commands.runs import ONCE
from outboundd.commands.schedule import JOBS_COMMAND
from outboundd.commands.why import WHY

COMMANDS: dict[str, Command] = {
    command.name: command for command in (ONCE, WHY, QUEUE, STATS, RECENT, CHECK, JOBS_COMMAND)
}
