"""The program that plays a trial, in a process of its own: the trial comes as one line, each piece waits for a line.

It says how far it is, from 0 to 1, and in the end ``result`` and what came of it. It ends when nobody listens.
"""

import os
import sys
import time

from pydantic import TypeAdapter

from server.planning.summing import Result
from server.planning.trial import Trial, played

TRIAL: TypeAdapter[Trial] = TypeAdapter(Trial)
RESULT: TypeAdapter[Result] = TypeAdapter(Result)
POLITE = 19
PIECE_SECONDS = 0.5


def main() -> int:
    """Play the one trial; the exit status is 1 where nobody wanted to hear it to the end."""
    os.nice(POLITE)
    trial = TRIAL.validate_json(sys.stdin.readline())
    told_at = time.monotonic()
    for step in played(trial):
        if isinstance(step, Result):
            _say(f"result {RESULT.dump_json(step).decode()}")
        elif time.monotonic() - told_at >= PIECE_SECONDS:
            _say(f"{step:.4f}")
            if not sys.stdin.readline():
                return 1
            told_at = time.monotonic()
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
