# SPDX-License-Identifier: LGPL-2.1-or-later
"""Commands under cgroup limits, by the program cgscope and its JSON. One file that needs no other.

    import cgscope
    done = cgscope.run(["make", "-j8"], mem="2G", tasks=500, time="10min", capture_output=True)
    done.returncode, done.stdout, done.record["verdict"], done.record["memory"]["peak_bytes"]

docs/record.md of cgscope says what is in a record.
"""

import inspect
import json
import os
import subprocess

__all__ = ["LimitError", "Refused", "options", "run"]

# What is for subprocess; every other name is an option of cgscope.
_FOR_SUBPROCESS = set(inspect.signature(subprocess.Popen).parameters) | {
    "input", "capture_output", "timeout", "check"}
# Verdicts that are about a limit and not about what the command itself did.
_LIMITS = {"time", "cpu_time", "pressure", "oomd", "oom", "tasks"}


class _RecordError(Exception):
    def __init__(self, record):
        super().__init__(record["reason"] + (f"; {record['hint']}" if record["hint"] else ""))
        self.record = record


class Refused(_RecordError):
    """cgscope did not start the command: a limit would not have been in force."""


class LimitError(_RecordError):
    """A limit ended the command."""


def options(wishes):
    """The words for the command line: {"mem": "64M", "cpu_time": 5, "strict": True} as --mem=64M
    --cpu-time=5 --strict. False and None are as if they were not there."""
    words = []
    for name, value in wishes.items():
        if value is True:
            words.append("--" + name.replace("_", "-"))
        elif value is not None and value is not False:
            words.append(f"--{name.replace('_', '-')}={value}")
    return words


def _read(descriptor):
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, encoding="utf-8", closefd=False) as file:
        return json.loads(file.read() or "null")


def run(command, *, check_limits=False, program="cgscope", **arguments):
    """As subprocess.run(), and the result has the record of the run as .record. Names that are none
    of subprocess's are options of cgscope. Refused is raised where the command was not started, and
    with check_limits LimitError where a limit ended it."""
    ours = {name: arguments.pop(name) for name in list(arguments) if name not in _FOR_SUBPROCESS}
    descriptor = os.memfd_create("cgscope-record")
    try:
        line = [program, "--quiet", *options(ours), f"--record=/dev/fd/{descriptor}", "--"]
        line += command
        check = arguments.pop("check", False)
        arguments["pass_fds"] = (*arguments.get("pass_fds", ()), descriptor)
        done = subprocess.run(line, check=False, **arguments)
        record = _read(descriptor)
    finally:
        os.close(descriptor)
    if record is None:
        # Not even the options were understood; why is on stderr.
        raise ValueError(f"cgscope ended with {done.returncode} and no record: {line}")
    if record["verdict"] == "refused":
        raise Refused(record)
    done.record = record
    if check_limits and record["verdict"] in _LIMITS:
        raise LimitError(record)
    if check:
        done.check_returncode()
    return done
