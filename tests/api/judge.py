"""What came of a run: of each operation how many cases there were, and how many answers told something.

    judge.py REPORT TALLY JUNIT…

Writes schemathesis' reports (JUNIT) into one, in which an operation fails, too, that was never answered with a row
although there is one: then nothing of it was tried but refusals.
"""

import collections
import json
import sys
from xml.etree import ElementTree

import known

# Operations of which the demo leaves no row, each with the reason.
WITHOUT_ROWS = {
    "GET /v1/committees/proposed": "nobody proposes another committee",
    "GET /v1/ingestions": "no platform records on chain what it read",
    "GET /v1/pools/{pool}/credits": "who traded has withdrawn what the market held",
    "GET /v1/pools/{pool}/policy": "no pool's officers say who may hold its shares",
    "GET /v1/pools/{pool}/sale": "shares are minted, and none sold",
    "GET /v1/pools/{pool}/skipped-claims": "everybody claims for themselves, and nobody is passed over",
}


class Operation:
    """What an operation's cases came to."""

    def __init__(self):
        self.statuses, self.rows = collections.Counter(), 0

    def add(self, line):
        self.statuses[line["status"]] += 1
        self.rows += line["rows"]

    def figures(self):
        """Cases, those answered with data, with a row, and with 404."""
        good = sum(n for status, n in self.statuses.items() if 200 <= status < 300)
        return self.statuses.total(), good, self.rows, self.statuses[404]

    def fault(self, name):
        """What is wrong with what was reached; nothing where all is well."""
        if not self.rows and name not in WITHOUT_ROWS:
            return f"none of its answers has a row: {dict(self.statuses)}"
        if self.rows and name in WITHOUT_ROWS:
            return f"it has rows now, although it is said that {WITHOUT_ROWS[name]}"
        return None


def read(tally):
    """All operations of the description, those that were never called too."""
    named = {
        f"{method.upper()} {path}": Operation()
        for path, methods in known.ask("/openapi.json")["paths"].items()
        for method in methods
    }
    with open(tally) as file:
        for line in map(json.loads, file):
            named[line["operation"]].add(line)
    return named


def show(operations):
    line = "{:<48} {:>6} {:>6} {:>6} {:>6}".format
    print(line("", "cases", "2xx", "rows", "404"))
    for name, one in operations.items():
        print(line(name, *one.figures()))
    cases, _, _, missing = (sum(column) for column in zip(*(one.figures() for one in operations.values())))
    answered = sum(one.rows > 0 for one in operations.values())
    beyond = 100 * (cases - missing) // max(cases, 1)
    print(f"{len(operations)} operations, {answered} answered with rows; {cases} cases, {beyond} % of them beyond 404")


def main(report, tally, *junit):
    operations = read(tally)
    show(operations)
    tests = {test.get("name"): test for file in junit for test in ElementTree.parse(file).iter("testcase")}
    suite, failed = ElementTree.Element("testsuite", name="api"), False
    for name, one in operations.items():
        test = tests.pop(name, None)
        if test is None:
            test = ElementTree.Element("testcase", name=name)
        suite.append(test)
        if fault := one.fault(name):
            ElementTree.SubElement(test, "failure").text = fault
            print(f"{name}: {fault}", file=sys.stderr)
            failed = True
    # What fails outside of operations.
    suite.extend(tests.values())
    ElementTree.ElementTree(suite).write(report, encoding="utf-8", xml_declaration=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
