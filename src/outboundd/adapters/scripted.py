"""What do a writer and a researcher answer when a test has written their lines?"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import TypeVar

from outboundd.model.mail import Answer, Brief, Research
from outboundd.ports import Broken, Failure

Asked = TypeVar("Asked")
Line = TypeVar("Line")

UNCLEAR = '{"verdict": "unclear", "evidence": ""}'


class ScriptedWriter:
    """Says its lines (port Writer): a list used up one by one, or a function of what was asked.

    A line is a text, an Answer (with a price), or a Failure to be raised. What was asked is kept.
    """

    def __init__(
        self,
        lines: Sequence[str | Answer | Failure] | Callable[[Brief], str | Answer | Failure],
        verdicts: Sequence[str | Answer | Failure] | Callable[[str], str | Answer | Failure] = lambda question: UNCLEAR,
        *,
        name: str = "scripted",
        is_model: bool = True,
        usd_at_most: float = 0.0,
        retires: date | Failure | None = None,
    ) -> None:
        self.name = name
        self.is_model = is_model
        self.usd_at_most = usd_at_most
        self.retires = retires
        self.briefs: list[Brief] = []
        self.questions: list[str] = []
        self._line = _reader(lines)
        self._verdict = _reader(verdicts)

    async def write(self, brief: Brief) -> Answer:
        self.briefs.append(brief)
        return _answer(self._line(brief))

    async def judge(self, question: str) -> Answer:
        self.questions.append(question)
        return _answer(self._verdict(question))

    async def aclose(self) -> None:
        """Holds nothing open."""

    async def retires_on(self) -> date | None:
        if isinstance(self.retires, Failure):
            raise self.retires
        return self.retires

    async def probe(self) -> str:
        return "the writer says what the test has written"


class ScriptedResearcher:
    """Finds what it is told to find (port Researcher): a list, or a function of the company's name."""

    def __init__(
        self,
        findings: Sequence[str | Research | Failure] | Callable[[str], str | Research | Failure],
        *,
        name: str = "scripted",
        usd_at_most: float = 0.0,
    ) -> None:
        self.name = name
        self.usd_at_most = usd_at_most
        self.asked: list[tuple[str, str]] = []
        self._finding = _reader(findings)

    async def research(self, company: str, website: str) -> Research:
        self.asked.append((company, website))
        finding = self._finding(company)
        if isinstance(finding, Failure):
            raise finding
        return Research(text=finding) if isinstance(finding, str) else finding

    async def aclose(self) -> None:
        """Holds nothing open."""

    async def probe(self) -> str:
        return "the researcher finds what the test has written"


def _answer(line: str | Answer | Failure) -> Answer:
    if isinstance(line, Failure):
        raise line
    return Answer(text=line) if isinstance(line, str) else line


def _reader(script: Sequence[Line] | Callable[[Asked], Line]) -> Callable[[Asked], Line | Failure]:
    if callable(script):
        return script
    lines = list(script)
    return lambda asked: lines.pop(0) if lines else Broken("scripted", "the script has ended")
