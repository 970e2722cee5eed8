"""Input that cannot be taken: every problem at once, each with its field and a sentence that says what to do."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field; `index` is the place in the list that a plural verb was given."""

    field: str
    sentence: str
    index: int = 0


class Refused(ValueError):
    """Nothing was written. The message is all sentences; `problems` says which field of which entry each is about."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(each.sentence for each in problems))
        self.problems = problems

    @property
    def fields(self) -> dict[str, str]:
        """The first sentence on each field, for a form that comes back."""
        return {each.field: each.sentence for each in reversed(self.problems)}


class Unknown(Refused):
    """No such thing in this organization; what another organization has is just as unknown."""


class Unsure(Refused):
    """It can be done, but looks like a mistake: the same call with `sure=True` does it."""


@dataclass(slots=True)
class Checks:
    """Gathers problems and questions while a whole list is looked at."""

    problems: list[Problem] = field(default_factory=list)
    questions: list[Problem] = field(default_factory=list)

    def refuse(self, field_name: str, sentence: str | None, index: int = 0) -> None:
        """Notes a problem; None is none."""
        if sentence:
            self.problems.append(Problem(field_name, sentence, index))

    def ask(self, field_name: str, sentence: str | None, index: int = 0) -> None:
        """Notes a question, which only counts where there is no problem."""
        if sentence:
            self.questions.append(Problem(field_name, sentence, index))

    def done(self) -> None:
        """Raises Refused for all problems, else Unsure for all questions, else nothing."""
        if self.problems:
            raise Refused(*self.problems)
        if self.questions:
            raise Unsure(*self.questions)


def refuse(field_name: str, sentence: str) -> Refused:
    """A refusal for one reason."""
    return Refused(Problem(field_name, sentence))


def need_reason(reason: str, of: str) -> None:
    """Raises Refused when a change that is only understood by its reason comes without one."""
    if not reason.strip():
        raise refuse("reason", f"Say why {of}. The reason stays in the history.")
