"""Wildcard patterns: what matches, what surely covers, and what may match because unknown.

Patterns know `*` and `?` and nothing else. A policy variable (`${aws:username}`) stands for a text
that isn't known here, so a pattern with one never surely matches; `${*}`, `${?}` and `${$}` are
those characters themselves.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Callable, Iterable
from enum import IntEnum
from functools import lru_cache

_ESCAPED = {"${*}": "*", "${?}": "?", "${$}": "$"}
_TOKEN = re.compile(r"\$\{[^}]*\}|.", re.DOTALL)
_SPECIAL = re.compile(r"[*?$]")
_REMEMBERED = 65536
# A letter that policies don't use (Unicode keeps it for private use).
_OTHER = "\ue000"
# Beyond this many states the question is answered "doesn't cover", which is the safe side.
_STATES = 20_000


class Match(IntEnum):
    """Whether a pattern matches, from surely not to surely; `MAYBE` is what can't be known."""

    NO = 0
    MAYBE = 1
    YES = 2


class _Wild(IntEnum):
    """A token of a pattern that isn't a literal character."""

    ONE = 1
    ANY = 2
    VARIABLE = 3


_Tokens = tuple[str | _Wild, ...]


def matches_action(pattern: str, action: str) -> bool:
    """Whether `pattern` matches the action `service:name`; the case of letters is no matter."""
    return _compiled(pattern.lower())(action.lower())


def action_covers(pattern: str, other: str) -> bool:
    """Whether every action that matches `other` also matches `pattern`."""
    return covers(pattern.lower(), other.lower())


def is_everything(pattern: str) -> bool:
    """Whether every action `service:name` matches `pattern`."""
    return action_covers(pattern, "?*:?*")


@lru_cache(maxsize=_REMEMBERED)
def match_resource(pattern: str, resource: str) -> Match:
    """Whether `pattern` matches `resource`, case-sensitively.

    `resource` may itself be a pattern, for "all of these": YES if all of it is matched, MAYBE if
    some of it is, or if a policy variable decides.
    """
    if not overlaps(pattern, resource):
        return Match.NO
    return Match.YES if covers(pattern, resource) else Match.MAYBE


@lru_cache(maxsize=_REMEMBERED)
def covers(pattern: str, other: str) -> bool:
    """Whether every text that matches `other` also matches `pattern`; True is always sound.

    A variable in `pattern` covers nothing; one in `other` counts as any text.
    """
    if "${" in pattern and _Wild.VARIABLE in _tokens(pattern):
        return False
    only = _only(other)
    if only is not None:
        return _compiled(pattern)(only)
    outer, inner = _tokens(pattern), _tokens(other)
    if outer in (inner, (_Wild.ANY,)):
        return True
    witnesses = (_instance(inner, ""), _instance(inner, _OTHER * 3))
    return all(map(_compiled(pattern), witnesses)) and _includes(outer, inner)


@lru_cache(maxsize=_REMEMBERED)
def overlaps(pattern: str, other: str) -> bool:
    """Whether some text matches both patterns; a variable counts as any text."""
    for literal, wild in ((pattern, other), (other, pattern)):
        only = _only(literal)
        if only is not None:
            return _compiled(wild)(only)
    left, right = _tokens(pattern), _tokens(other)
    seen = {(0, 0)}
    waiting = [(0, 0)]
    while waiting:
        i, j = waiting.pop()
        if i == len(left) and j == len(right):
            return True
        for step in _common_steps(left, right, i, j):
            if step not in seen:
                seen.add(step)
                waiting.append(step)
    return False


def just(text: str) -> str:
    """The pattern that matches this text alone: the path of an ARN may have `*`, `?` and `$` in it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
    """
    return _SPECIAL.sub(lambda found: f"${{{found[0]}}}", text)


def is_pattern(text: str) -> bool:
    """Whether `text` has a wildcard or a policy variable, so that it names more than one thing."""
    return _only(text) is None


def may_match(pattern: str) -> Callable[[str], bool]:
    """The pattern as a predicate on texts; a policy variable in it counts as any text."""
    return _compiled(pattern)


def literals(pattern: str) -> tuple[str, ...]:
    """The texts between its wildcards and variables: all are in whatever the pattern matches."""
    parts = [""]
    for token in _tokens(pattern):
        if isinstance(token, _Wild):
            parts.append("")
        else:
            parts[-1] += token
    return tuple(filter(None, parts))


def _only(pattern: str) -> str | None:
    """The one text that it matches; None where it has a wildcard or a variable."""
    if not _SPECIAL.search(pattern):
        return pattern
    tokens = _tokens(pattern)
    if any(isinstance(token, _Wild) for token in tokens):
        return None
    return "".join(token for token in tokens if isinstance(token, str))


@lru_cache(maxsize=_REMEMBERED)
def _tokens(pattern: str) -> _Tokens:
    return tuple(_token(found) for found in _TOKEN.findall(pattern))


def _token(found: str) -> str | _Wild:
    if len(found) > 1:
        return _ESCAPED.get(found, _Wild.VARIABLE)
    return {"*": _Wild.ANY, "?": _Wild.ONE}.get(found, found)


@lru_cache(maxsize=_REMEMBERED)
def _compiled(pattern: str) -> Callable[[str], bool]:
    only = _only(pattern)
    if only is not None:
        return only.__eq__
    tokens = _tokens(pattern)
    wild = [place for place, token in enumerate(tokens) if isinstance(token, _Wild)]
    text = "".join(token for token in tokens if isinstance(token, str))
    # Nearly all patterns end in their only wildcard; they need no regular expression.
    if wild == [len(tokens) - 1] and _repeats(tokens[-1]):
        return lambda candidate: candidate.startswith(text)
    return _expression(tokens)


def _expression(tokens: _Tokens) -> Callable[[str], bool]:
    parts = [""]
    for token in tokens:
        if _repeats(token):
            parts.append("")
        else:
            parts[-1] += "." if token is _Wild.ONE else re.escape(str(token))
    # Atomic groups keep a hostile pattern such as a*a*a*a*b from backtracking for ever.
    middle = "".join(f"(?>.*?{part})" for part in parts[1:-1])
    tail = f".*{parts[-1]}" if len(parts) > 1 else ""
    match = re.compile(parts[0] + middle + tail, re.DOTALL).fullmatch
    return lambda candidate: match(candidate) is not None


def _instance(tokens: _Tokens, run: str) -> str:
    """A text that the pattern matches, with `run` for each `*`."""
    fill = {_Wild.ONE: _OTHER, _Wild.ANY: run, _Wild.VARIABLE: run}
    return "".join(fill[one] if isinstance(one, _Wild) else one for one in tokens)


def _repeats(token: str | _Wild) -> bool:
    return token in (_Wild.ANY, _Wild.VARIABLE)


def _common_steps(left: _Tokens, right: _Tokens, i: int, j: int) -> Iterable[tuple[int, int]]:
    if i < len(left) and _repeats(left[i]):
        yield i + 1, j
        if j < len(right) and not _repeats(right[j]):
            yield i, j + 1
    if j < len(right) and _repeats(right[j]):
        yield i, j + 1
        if i < len(left) and not _repeats(left[i]):
            yield i + 1, j
    if i < len(left) and j < len(right) and _same_character(left[i], right[j]):
        yield i + 1, j + 1


def _same_character(one: str | _Wild, other: str | _Wild) -> bool:
    if _repeats(one) or _repeats(other):
        return False
    return one == other or _Wild.ONE in (one, other)


def _includes(outer: _Tokens, inner: _Tokens) -> bool:
    """Language inclusion: walk `inner`, with all the places of `outer` that it can be at."""
    letters = {token for token in outer + inner if isinstance(token, str)}
    # One letter that neither pattern names stands for all such letters.
    other = next(chr(code) for code in range(0xE000, 0xF8FF) if chr(code) not in letters)
    alphabet = [*sorted(letters), other]
    start = (0, _rest(outer, {0}))
    seen = {start}
    waiting = [start]
    while waiting:
        place, places = waiting.pop()
        if any(end == len(inner) for end in _rest(inner, {place})) and len(outer) not in places:
            return False
        if len(seen) > _STATES:
            return False
        for letter in alphabet:
            after = _rest(outer, _read(outer, places, letter))
            for reached in _read(inner, _rest(inner, {place}), letter):
                if (reached, after) not in seen:
                    seen.add((reached, after))
                    waiting.append((reached, after))
    return True


def _rest(tokens: _Tokens, places: Iterable[int]) -> frozenset[int]:
    """`places` and those reached from them by letting `*` match nothing."""
    found = set()
    for start in places:
        place = start
        found.add(place)
        while place < len(tokens) and _repeats(tokens[place]):
            place += 1
            found.add(place)
    return frozenset(found)


def _read(tokens: _Tokens, places: Iterable[int], letter: str) -> set[int]:
    """Where one more letter leads from `places`."""
    found = set()
    for place in places:
        if place == len(tokens):
            continue
        token = tokens[place]
        if _repeats(token):
            found.add(place)
        elif token in (_Wild.ONE, letter):
            found.add(place + 1)
    return found
