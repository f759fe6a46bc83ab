"""Errors as data: what is wrong, and the commands that repair it.

    raise CheckpointError("'vae-faces' has no atlas yet", ["python -m train.atlas vae-faces"])

On the command line an error is one sentence. A page shows its commands separately, ready to copy.
"""

from collections.abc import Iterable


class Repairable(Exception):
    """Something that a user can repair. `problem` says what is wrong; any one of `commands` repairs it.

    The commands are for a terminal in the folder of gen_lab. If none helps, the problem says what does.
    """

    def __init__(self, problem: str, commands: Iterable[str] = ()):
        self.problem, self.commands = problem, tuple(commands)
        super().__init__(problem)

    def __str__(self) -> str:
        verbs = ["restore it with" if command.startswith("git ") else "run" for command in self.commands]
        advice = [f"{verb} {command}" for verb, command in zip(verbs, self.commands, strict=True)]
        return f"{self.problem}: {', or '.join(advice)}" if advice else self.problem


class MissingPackage(Repairable, ModuleNotFoundError):
    """A Python package is not installed; `requirements` names the file that lists it."""

    def __init__(self, problem: str, requirements: str = "requirements-dev.txt"):
        super().__init__(problem, [f"python -m pip install -r {requirements}"])
