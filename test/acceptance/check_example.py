"""Runs an example: python check_example.py EXAMPLE ADDRESS SCORE...

It must end well, and begin its lines with the scores that the library gives.
"""

import os
import subprocess
import sys

example, address, *scores = sys.argv[1:]
run = subprocess.run(
    [sys.executable, example],
    env={**os.environ, "ISOVEC_URL": address, "ISOVEC_GRPC": address},
    stdout=subprocess.PIPE,
    text=True,
    timeout=120,
)
print(run.stdout, end="")
assert run.returncode == 0, run.returncode
shown = [float(line.split()[0]) for line in run.stdout.splitlines()][: len(scores)]
assert len(shown) == len(scores), shown
for one, expected in zip(shown, scores):
    assert abs(one - float(expected)) < 1e-4, (one, expected)
