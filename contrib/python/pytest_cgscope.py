# SPDX-License-Identifier: LGPL-2.1-or-later
"""pytest: a test under cgroup limits, in a process of its own.

    @pytest.mark.cgscope(mem="64M", time="30s")
    def test_parser(): ...

    pytest -p pytest_cgscope

What the mark is given are options of cgscope (cgscope.options()). The process is a pytest for that
one test, with the fixtures that it wants; what it reports is reported as the test's. A limit that
ends it fails the test with the reason, one that is not in force with the hint how to change that.
"""

import json
import os
import sys
import tempfile

import cgscope
import pytest

# Set in the process under limits.
_INSIDE = "PYTEST_CGSCOPE_REPORTS"


def pytest_configure(config):
    config.addinivalue_line("markers", "cgscope(**limits): run in a process under these limits")


def _failed(item, text):
    keywords = dict.fromkeys(item.keywords, 1)
    return [pytest.TestReport(item.nodeid, item.location, keywords, "failed", text, "call")]


def _run_inside(item, limits):
    """The reports of the test's own process."""
    root = item.config.rootpath
    command = [sys.executable, "-m", "pytest", "-p", "pytest_cgscope", "-p", "no:cacheprovider",
               "-q", "--rootdir", str(root), item.nodeid]
    if item.config.pluginmanager.hasplugin("xdist"):
        command.insert(3, "-n0")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "reports")
        environment = dict(os.environ, **{_INSIDE: path})
        environment["PYTHONPATH"] = os.pathsep.join(word for word in sys.path if word)
        environment.pop("PYTEST_XDIST_WORKER", None)
        try:
            done = cgscope.run(command, env=environment, cwd=root, capture_output=True, text=True,
                               check_limits=True, **limits)
        except cgscope._RecordError as error:
            return _failed(item, "E       " + str(error))
        if not os.path.exists(path):
            return _failed(item, done.stdout + done.stderr)
        with open(path, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
    read = item.config.hook.pytest_report_from_serializable
    return [read(config=item.config, data=data) for data in lines]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    mark = item.get_closest_marker("cgscope")
    if mark is None or _INSIDE in os.environ:
        return None
    if mark.args:
        raise pytest.UsageError(f"{item.nodeid}: cgscope() takes names: cgscope(mem=\"64M\")")
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in _run_inside(item, mark.kwargs):
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    if _INSIDE not in os.environ:
        return
    write = item.config.hook.pytest_report_to_serializable
    data = write(config=item.config, report=outcome.get_result())
    with open(os.environ[_INSIDE], "a", encoding="utf-8") as file:
        file.write(json.dumps(data) + "\n")
