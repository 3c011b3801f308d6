# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is disturbed: a command line of cgscope, what it works on, and how to tell how it ended.

Each scenario makes the words of cgscope for one case and, when that is over, judges it. A judgement
is a word of OUTCOMES; what begins with "BAD" is a promise that was broken, with the reason.
"""

import glob
import json
import os
import re
import subprocess
import time

HERE = os.path.dirname(os.path.realpath(__file__))
COMMAND = os.path.join(HERE, "fault-command")
GROUPS = "/sys/fs/cgroup"
STATUS = 3  # of the command
# With what status who is killed by it ends.
DEATHS = {"SIGKILL": 137, "SIGTERM": 143}
# Calls by which a program is looked for or executed.
OF_PROGRAMS = ("access", "execve", "execveat", "faccessat2", "newfstatat", "open", "openat", "stat")

OUTCOMES = {
    "unaffected": "as if nothing had failed",
    "told": "as if nothing had failed, but for a message",
    "refused": "ended with an error before anything was done",
    "ended": "attach: it was done, and ended with an error",
    "killed": "cgscope was killed, or what binds it to the command, and all of it is gone",
    "empty": "the same, but an empty cgroup or scope stays",
}
# What is still there after this time is left for ever; a cgroup without a mark is known by its age.
GONE_SECONDS = 15.0
# cgscope waits no longer than it would without the fault, but for this.
SLOW_SECONDS = 10.0
OUTLIVE_USEC = 3_000_000
# A process that is woken and kills takes so long, on a machine that has other work.
REACTION_USEC = 150_000


def has_controllers():
    with open(f"{GROUPS}/cgroup.controllers", encoding="ascii") as f:
        return "pids" in f.read().split()


LIMITS = ["-m", "64M", "-t", "50", "--cpu", "150%"] if has_controllers() else []
# What the command then finds. Without a limit on swap a limit on memory would be none.
LIMIT_VALUES = {"memory": "67108864", "swap": "0", "tasks": "50", "cpu": "150000"} if LIMITS else {}


def group_of(pid):
    try:
        with open(f"/proc/{pid}/cgroup", encoding="utf-8", errors="replace") as f:
            return next(line[3:-1] for line in f if line.startswith("0::"))
    except OSError:
        return None


def manager(*words):
    scope = [] if os.getuid() == 0 else ["--user"]
    return subprocess.run(["systemctl", *scope, *words], capture_output=True, text=True,
                          check=False)


class Case:
    """One disturbed call of cgscope: what is asked, and what came of it."""

    def __init__(self, name, work, kind):
        self.name = name
        self.kind = kind
        self.folder = os.path.join(work, name)
        self.path = os.path.join(self.folder, "case")
        os.mkdir(self.folder)
        self.target = None  # a process beside it
        # Set when it is over:
        self.status = self.stderr = self.stdout = self.report = self.injected_usec = None
        self.seconds = None  # how long it took
        self.signal = None  # what was sent, to which process of cgscope's
        self.process = self.call = self.error = None
        self.file = []  # that the call was about, in words

    def lines(self):
        try:
            with open(self.path + ".out", encoding="utf-8", errors="replace") as f:
                return f.read().splitlines()
        except OSError:
            return []


def wait_until(condition, seconds=GONE_SECONDS):
    end, pause = time.monotonic() + seconds, 0.005
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
        pause = min(pause * 2, 0.3)
    return True


class Scenario:
    name = None
    needs_controllers = False
    leaves_out = ()  # kinds
    statuses = (0, STATUS)  # of an undisturbed run
    # So long it may wait for what the kernel does not say.
    patience = SLOW_SECONDS
    # Outcomes after which an empty scope may stay.
    may_leave = ()
    # So long the command runs when errors are injected, and when processes are killed.
    msec, msec_signals = 30, 250

    def command(self, case):
        """The name of what is left alone."""
        return os.path.basename(COMMAND)

    def prepare(self, case):
        """What has to be there before."""

    def words(self, case, msec):
        raise NotImplementedError

    def judge(self, case):
        raise NotImplementedError

    def clean(self, case):
        """Ends what prepare() made."""

    def tidy(self):
        """Does what removes the remains of a run that was killed."""


class Run(Scenario):
    """A run of the command; `suffix` is the end of its cgroup's path."""

    has_holder = True

    def __init__(self, name, options, suffix):
        self.name, self.options, self.suffix = name, options, suffix

    def words(self, case, msec):
        options = [word.replace("%", case.path) for word in self.options]
        return ["cgscope", *options, "--name", case.name, *LIMITS, "--", COMMAND,
                case.path + ".out", str(msec)]

    def wrong_place(self, line, case):
        """Why the command must not have run as it did, or None."""
        words = dict(word.split("=", 1) for word in line.split() if "=" in word)
        if not words["cgroup"].endswith(self.suffix.replace("%", case.name)):
            return f"the command ran in {words['cgroup']}"
        for limit, value in LIMIT_VALUES.items():
            # Where there is no such file, and no swap either, there is nothing to forbid.
            if limit == "swap" and case.error == "ENOENT" and "swap.max" in " ".join(case.file):
                continue
            if words[limit] != value:
                return f"the command ran with {words[limit]} as its limit of {limit}"
        if words["extra"] != "0":
            return f"the command has {words['extra']} descriptors of cgscope's"
        if words["blocked"] != "0":
            return f"{words['blocked']} signals are blocked in the command"
        return None

    def judge(self, case):
        begins = [line for line in case.lines() if line.startswith("begin")]
        ends = [line for line in case.lines() if line.startswith("end")]
        if len(begins) > 1:
            return f"BAD the command ran {len(begins)} times"
        for line in begins + ends:
            wrong = self.wrong_place(line, case)
            if wrong:
                return "BAD " + wrong
        if case.status == DEATHS.get(case.signal):
            return self.judge_killed(case, begins, ends)
        if not begins:
            return self.judge_refused(case)
        if not ends:
            return self.judge_ended(case)
        if case.status != STATUS:
            return f"BAD the command ended with {STATUS}, cgscope with {case.status}"
        return self.judge_record(case) or ("told" if case.stderr else "unaffected")

    @staticmethod
    def judge_refused(case):
        # Only of the command, or of the program cgscope, can be said that it is not there.
        is_of_program = case.call in OF_PROGRAMS or "while loading" in case.stderr
        if case.status != 125 and not (case.status in (126, 127) and is_of_program):
            return f"BAD the command did not run, status {case.status}"
        return "refused" if case.stderr else "BAD refused without a message"

    def judge_ended(self, case):
        """It had begun, and did not come to its end: what binds it to cgscope was killed."""
        is_holder = case.signal == "SIGKILL" and case.process > 0 and self.has_holder
        if is_holder and case.status == 125 and case.stderr:
            return "killed"
        return f"BAD the command did not come to its end, status {case.status}"

    @staticmethod
    def judge_killed(case, begins, ends):
        for line in begins + ends:
            late = int(line.split()[1]) - case.injected_usec
            if case.process == 0 and late > REACTION_USEC:
                return f"BAD the command was alive {late // 1000} ms after cgscope was killed"
        return "killed"

    def judge_record(self, case):
        """What is wrong with the record of a command that has run, or None."""
        path = case.path + ".json"
        if "--record" not in self.options:
            return None
        try:
            with open(path, encoding="utf-8", errors="replace") as f:
                record = json.load(f)
        except FileNotFoundError:
            return None if case.stderr else "BAD no record, and nothing said about it"
        except ValueError as error:
            return f"BAD half a record: {error}"
        status = record["exit"]["status"]
        if status != STATUS:
            return f"BAD the record has exit status {status}"
        return None


class Nested(Run):
    """What a nested run leaves that was killed and had no guard, the next removes; so with --exec,
    since who has become its command cannot remove its cgroup."""

    has_holder = False

    def tidy(self):
        subprocess.run(["cgscope", "--backend", "nested", "true"], check=False)


class Library(Nested):
    """The same by a program that uses the library, and looks for what is left in itself."""

    def __init__(self, name, backend, suffix):
        super().__init__(name, [backend], suffix)
        self.has_holder = backend == "systemd"

    def words(self, case, msec):
        return [os.path.join(HERE, "fault-library"), *self.options, case.name,
                "yes" if LIMITS else "no", COMMAND, case.path + ".out", str(msec)]

    def judge(self, case):
        if case.status in (97, 98):
            return f"BAD {case.stderr.strip()}"
        return super().judge(case)


class Exec(Run):
    """cgscope is itself the process that the manager makes the scope for."""

    may_leave = ("killed",)


class Trace(Nested):
    """With a tracer, whose end is the command's; what it found is in a file."""

    has_holder = True

    def words(self, case, msec):
        words = super().words(case, msec)
        return [words[0], "trace", "-o", case.path + ".trace", *words[1:]]

    def judge(self, case):
        outcome = super().judge(case)
        if outcome not in ("unaffected", "told"):
            return outcome
        try:
            with open(case.path + ".trace", encoding="utf-8") as f:
                text = f.read()
        except OSError:
            text = ""
        if text.count("trace: ") != 1 and not case.stderr:
            return f"BAD the report is {text!r}"
        return outcome


class In(Run):
    """A run in a scope that is there, with a command of its own."""

    def __init__(self):
        super().__init__("in", ["--in", "%"], "/%.scope/%-in")
        self.scope = Verb("", "")

    def prepare(self, case):
        self.scope.prepare(case)

    def clean(self, case):
        self.scope.clean(case)

    def words(self, case, msec):
        return ["cgscope", "--in", case.name, "--name", case.name + "-in", *LIMITS, "--",
                COMMAND, case.path + ".out", str(msec)]


class Compare(Nested):
    """Runs of a command whose name is the case's, so that theirs have it in them."""

    sets = ["--time", "1h"], ["--time", "2h"]

    def __init__(self):
        super().__init__("compare", [], "")

    def command(self, case):
        return case.name

    def prepare(self, case):
        os.symlink(COMMAND, os.path.join(case.folder, case.name))

    def words(self, case, msec):
        first, second = ([*options, *LIMITS] for options in self.sets)
        return ["cgscope", "compare", "--rounds", "1", "--warmup", "0", *first, "--vs", *second,
                "--", os.path.join(case.folder, case.name), case.path + ".out", str(msec), "0"]

    def judge(self, case):
        begins = [line for line in case.lines() if line.startswith("begin")]
        ends = [line for line in case.lines() if line.startswith("end")]
        # A run in which compare was stopped is made again.
        if len(begins) > 2 + (case.signal == "SIGSTOP"):
            return f"BAD the command ran {len(begins)} times"
        for line in begins + ends:
            wrong = self.wrong_place(line, case)
            if wrong or case.name not in line:
                return f"BAD {wrong or line}"
        if case.status == DEATHS.get(case.signal):
            return self.judge_killed(case, begins, ends)
        if case.status == 0:
            # A command that was killed is a run, too.
            if len(ends) < 2 and not (case.signal and case.process > 0):
                return f"BAD status 0 after {len(ends)} runs"
            return "told" if case.stderr else "unaffected"
        if not case.stderr and not case.stdout:
            return f"BAD status {case.status} without a message"
        return "ended" if begins else "refused"


class Verb(Scenario):
    """A verb that acts on a scope or a process; done() tells whether it was done."""

    said = None  # a regular expression for what a success prints

    def __init__(self, name, *words, said=None):
        self.name, self.rest, self.said = name, words, said

    def prepare(self, case):
        case.target = subprocess.Popen(["cgscope", "--backend", "systemd", "--exec", "-q", "--name",
                                        case.name, *LIMITS, "sleep", "1000"],
                                       stdin=subprocess.DEVNULL)
        wait_until(lambda: (group_of(case.target.pid) or "").endswith(f"/{case.name}.scope"), 30)
        with open(f"/proc/{case.target.pid}/comm", encoding="ascii") as f:
            wait_until(lambda: (f.seek(0), f.read())[1] == "sleep\n", 30)

    def words(self, case, msec):
        return ["cgscope", *(word.replace("%", case.name) for word in self.rest)]

    def done(self, case):
        return re.search(self.said.replace("%", case.name), case.stdout) is not None

    def untouched(self, case):
        return True

    def judge(self, case):
        if case.status == DEATHS.get(case.signal):
            return "killed"
        # While the words were read; by the dynamic loader.
        if case.kind in ("allocation", "shortage") and case.status == 2 or case.status == 127:
            return "refused" if case.stderr else "BAD refused without a message"
        if case.status == 0:
            if not self.done(case):
                return "BAD status 0, and it was not done"
            return "told" if case.stderr else "unaffected"
        if not case.stderr:
            return f"BAD status {case.status} without a message"
        if case.status != 1:
            return f"BAD status {case.status}: {case.stderr.strip()}"
        return "refused" if self.untouched(case) else "ended"

    def clean(self, case):
        case.target.kill()
        case.target.wait()


class Monitor(Verb):
    """It goes on until there is memory again."""

    leaves_out = ("shortage", "term")

    def __init__(self):
        super().__init__("monitor", "monitor", "--interval", "20ms", "--count", "2", "%",
                         said="(?s)%.*%")

    def done(self, case):
        return super().done(case) or "was not printed" in case.stderr


class Attach(Verb):
    def prepare(self, case):
        case.target = subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL)
        case.home = group_of(case.target.pid)

    def words(self, case, msec):
        return ["cgscope", "attach", "--force", "--name", case.name, *LIMITS, str(case.target.pid)]

    def done(self, case):
        return (group_of(case.target.pid) or "").endswith(f"/{case.name}.scope")

    def untouched(self, case):
        return group_of(case.target.pid) == case.home


class Check(Verb):
    """It ends with 1 where it finds something."""

    statuses = (0, 1)

    def __init__(self):
        super().__init__("check", "check", "%", said="%")

    def judge(self, case):
        if case.status == 1 and not case.stderr:
            return "unaffected" if self.done(case) else "BAD status 1 without a message"
        return super().judge(case)


class Move(Attach):
    """A process outside into a scope that is there."""

    def prepare(self, case):
        self.scope = Verb("", "")
        self.scope.prepare(case)
        case.holder = case.target
        super().prepare(case)

    def words(self, case, msec):
        return ["cgscope", "move", "--force", case.name, str(case.target.pid)]

    def clean(self, case):
        super().clean(case)
        case.target = case.holder
        super().clean(case)


class Freeze(Verb):
    """A cgroup without its files is one that is gone; one that is gone and there, it waits for."""

    patience = 70.0

    def is_frozen(self, case):
        with open(f"{GROUPS}{group_of(case.target.pid)}/cgroup.events", encoding="ascii") as f:
            return "frozen 1" in f.read()

    def done(self, case):
        return self.is_frozen(case) or case.error in ("ENOENT", "ENODEV")

    def untouched(self, case):
        return not self.is_frozen(case)


class Set(Verb):
    needs_controllers = True

    def __init__(self):
        super().__init__("set", "set", "%", "-t", "70")

    def value(self, case):
        try:
            with open(f"{GROUPS}{group_of(case.target.pid)}/pids.max", encoding="ascii") as f:
                return f.read().strip()
        except OSError:
            return None

    def done(self, case):
        return self.value(case) == "70"

    def untouched(self, case):
        return self.value(case) == "50"


class Stop(Verb):
    def __init__(self):
        super().__init__("stop", "stop", "%")

    def done(self, case):
        # A cgroup without its files is one that is gone: it can mean nothing else.
        return case.error == "ENOENT" or wait_until(lambda: case.target.poll() is not None)


SCENARIOS = [
    Run("run", ["--backend", "systemd"], "/%.scope/run"),
    Run("record", ["--backend", "systemd", "--record", "%.json", "--time", "1h", "--leftovers",
                   "kill"], "/%.scope/run"),
    Exec("exec", ["--backend", "systemd", "--exec"], "/%.scope"),
    Nested("nested", ["--backend", "nested"], "/%"),
    Nested("nested-record", ["--backend", "nested", "--record", "%.json", "--time", "1h"], "/%"),
    Nested("nested-exec", ["--backend", "nested", "--exec"], "/%"),
    Library("library", "systemd", "/%.scope/run"),
    Library("library-nested", "nested", "/%"),
    In(),
    Trace("trace", ["--backend", "nested"], "/%"),
    Compare(),
    Attach("attach"),
    Move("move"),
    Set(),
    Freeze("freeze", "freeze", "%"),
    Stop(),
    Monitor(),
    # What cannot be read is left out, as it would be if it had just ended.
    Verb("list", "list", said=""),
    Verb("status", "status", "%", said="%"),
    Check(),
    Verb("explain", "explain", "%", said="%"),
]
