"""What schemathesis is told of this API: values that exist, who asks, and what it does not look at by itself.

Without real values nearly every question of an address or an id is answered with 404. So most parameters that were
made by the description are replaced by what the API's own lists name (`known.py`); what is wrong on purpose stays.
"""

import json
import os
import random
import zlib

import schemathesis
from schemathesis.core.parameters import ParameterLocation as Where

import known

# Largest whole number that every reader of JSON takes exactly.
EXACT = 2**53 - 1
# How many of the parameters that follow the description become real ones.
REAL = 0.7
# What no argument of an act is.
WRONG = ["", "-1", "9" * 80, "1e99", "0x", "0x" + 40 * "f", "\0", "../../../etc/passwd", 2**63, None, [], {}]
# Operations that were answered with a row. Until then nothing is left to chance in what is asked of one.
REACHED = set()
TALLY = open(os.environ["YIELDSET_API_TALLY"], "a", buffering=1)


def chance(case):
    """A source of chance that depends on the case alone, so that a seed makes the same run."""
    said = [case.operation.label, case.path_parameters, case.query, str(case.body)]
    return random.Random(zlib.crc32(repr(said).encode(errors="replace")))


def meant(case, where):
    """Whether a part of a case follows the description."""
    return case.meta is None or not case.meta.is_negative_at(where)


@schemathesis.hook
def before_call(context, case, kwargs):
    rng = chance(case)
    template = case.operation.path
    real = REAL if case.operation.label in REACHED else 1
    if case.path_parameters and meant(case, Where.PATH) and rng.random() < real:
        case.path_parameters.update(known.path(template, rng))
    if meant(case, Where.QUERY):
        asked = template.format(**case.path_parameters or {})
        for parameter in case.operation.query:
            if real < 1 or parameter.is_required:
                replace(case.query, parameter.name, asked, parameter.is_required, rng)
            else:
                case.query.pop(parameter.name, None)
    if template.startswith("/v1/acts") and isinstance(case.body, dict) and meant(case, Where.BODY):
        if rng.random() < real:
            case.body["sender"] = rng.choice(known.accounts())
            case.body["arguments"] = arguments(case.path_parameters.values(), rng)
    if rng.random() < 0.8:
        case.headers.update(known.COMPLIANCE)


def replace(query, name, asked, required, rng):
    """Puts a real value in a parameter's place, or leaves it out: by the description any text is a cursor or a time,
    and nearly none is one."""
    if name == "limit":
        return
    kept = rng.random()
    real = known.query(name, asked, rng) if kept < 0.4 or (required and kept < 0.9) else None
    if real is not None:
        query[name] = real
    elif kept < 0.85 and not required:
        query.pop(name, None)


def arguments(words, rng):
    """What an act takes, one of it wrong in a part of the cases."""
    given = dict(known.arguments("/".join(map(str, words)))) if {*words} <= {*sum(known.acts(), [])} else {}
    if given and rng.random() < 0.4:
        given[rng.choice(sorted(given))] = rng.choice(WRONG)
    return given


@schemathesis.check
def numbers_are_exact(context, response, case):
    """Numbers above 2^53 are strings: of free forms, such as an event's fields, the description cannot say it."""
    if "json" not in response.headers.get("content-type", [""])[0]:
        return

    def whole(text):
        assert abs(int(text)) <= EXACT, f"{text} is a number of more than 53 bits"
        return int(text)

    json.loads(response.content, parse_int=whole)


@schemathesis.hook
def after_call(context, case, response):
    rows = has_rows(response)
    if rows:
        REACHED.add(case.operation.label)
    TALLY.write(json.dumps({"operation": case.operation.label, "status": response.status_code, "rows": rows}) + "\n")


def has_rows(response):
    """Whether an answer tells something: a row of a list, or a thing that there is."""
    if not 200 <= response.status_code < 300 or not response.content:
        return False
    body = response.json()
    return body.get("items", True) not in ([], None) if isinstance(body, dict) else body not in ([], None)
