# SPDX-License-Identifier: LGPL-2.1-or-later
"""What cmd/dump-interface prints, for the generators beside this file.

They run on a maintainer's machine and in "make check", need no module outside of the standard
library, read the interface from stdin and print a file to stdout.
"""
import json
import sys
from types import SimpleNamespace

NOTICE = "Made from the option tables by tools/{}: do not edit."


def load(generator):
    """The interface as objects, with the notice for the top of the file."""
    interface = json.load(sys.stdin, object_hook=lambda d: SimpleNamespace(**d))
    interface.suffixes = vars(interface.suffixes)
    interface.notice = NOTICE.format(generator)
    return interface


def verb(interface, name):
    """The verb of that name."""
    return next(v for v in interface.verbs if v.name == name)


def operands(verb_):
    """What may be the operands of a verb one by one, and what may be any after them."""
    again = verb_.repeatable and verb_.operands
    return verb_.operands, verb_.operands[-1] if again else "none"


def takes_value(option):
    """Whether a value may follow, if only after "=" as in --watch=5s."""
    return bool(option.metavar) or option.complete != "none"


def dashed(option):
    """All spellings of an option, as in ["-m", "--mem", "--memory"]."""
    short = ["-" + option.short] if option.short else []
    return short + ["--" + name for name in option.names]


def excluded(verb_, option):
    """The options that must not be given together with that one."""
    pairs = [pair for pair in verb_.conflicts if pair[0] in option.names or pair[1] in option.names]
    others = {name for pair in pairs for name in pair if name not in option.names}
    return [other for other in verb_.options if other.names[0] in others]
