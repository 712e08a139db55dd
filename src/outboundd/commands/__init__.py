"""What can the operator say? One registry, called alike by the terminal and the control socket."""

from outboundd.commands.desk import Command
from outboundd.commands.runs import ONCE

COMMANDS: dict[str, Command] = {command.name: command for command in (ONCE,)}
