"""Errors as data: what is wrong, and the commands that mend it.

    raise CheckpointError("'vae-faces' has no atlas yet", ["python -m train.atlas vae-faces"])

As text, for people on the command line, an error is one sentence; a page shows its commands apart, ready to copy.
"""

from collections.abc import Iterable


class Repairable(Exception):
    """Something that a user can mend; `problem` says what is wrong, each of `commands` mends it.

    They are for a terminal in the folder of gen_lab. Where no command helps, the problem says what does.
    """

    def __init__(self, problem: str, commands: Iterable[str] = ()):
        self.problem, self.commands = problem, tuple(commands)
        super().__init__(problem)

    def __str__(self) -> str:
        advice = [f"{'restore it with' if each.startswith('git ') else 'run'} {each}" for each in self.commands]
        return f"{self.problem}: {', or '.join(advice)}" if advice else self.problem


class MissingPackage(Repairable, ModuleNotFoundError):
    """A Python package is not installed; `requirements` names the file that lists it."""

    def __init__(self, problem: str, requirements: str = "requirements-dev.txt"):
        super().__init__(problem, [f"python -m pip install -r {requirements}"])
