"""Texts that people, AWS and attackers can put where we show them, at their worst.

Everything here can really arrive: names and paths are of the characters and lengths that IAM takes
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html), the rest
can be typed into a reason, a ticket's title or a command.
"""

from hypothesis import strategies as st

#: The longest that IAM takes: users and roles, policies and groups, paths, tag values, key ids.
USER_NAME = ("alice+admin=ops,eu.west@example-" * 2)[:64]
POLICY_NAME = ("DenyEverything_But.Reading-Of=Logs," * 4)[:128]
PATH = f"/{('division/team-of-people/' * 22)[:510]}/"
TAG_VALUE = ("Платформа + безопасность = ладно. " * 8)[:256]
KEY_ID = ("AKIA" + "IOSFODNN7EXAMPLE" * 8)[:128]
#: A path may hold every printable ASCII character, markup included.
MARKUP_PATH = "/<!channel>/<@U0EVIL>/`*_~`/<http://evil.example|aws.amazon.com>/&amp;/"

#: How long a reason may be that somebody pastes into a modal or a command.
REASON = 5_000

#: By what is hard about them.
TEXTS: dict[str, str] = {
    "longest user name": USER_NAME,
    "longest policy name": POLICY_NAME,
    "longest path": PATH,
    "longest tag value": TAG_VALUE,
    "longest key id": KEY_ID,
    "longest ARN": f"arn:aws:iam::111122223333:policy{PATH}{POLICY_NAME}",
    "path of markup": MARKUP_PATH,
    "everyone": "<!channel> <!here> <!everyone>",
    "a user": "<@U0EVIL>",
    "a user by name": "<@U0EVIL|the security team>",
    "a group": "<!subteam^S0EVIL>",
    "a channel": "<#C0EVIL|general>",
    "a link that lies": "<http://evil.example|aws.amazon.com>",
    "a link by mail": "<mailto:evil@example.com|security@example.com>",
    "a link in a date": "<!date^1^{date}^http://evil.example|now>",
    "a bare link": "see https://evil.example/aws.amazon.com",
    "a half mention": "<@",
    "an open bracket": "a < b",
    "an arrow": "a -> b",
    "quoted lines": "> approved\n>>> by everyone",
    "an ampersand": "R&D",
    "an escaped mention": "&lt;!channel&gt;",
    "escaped twice": "&amp;lt;!channel&amp;gt;",
    "half an entity": "&am",
    "a foreign entity": "&nbsp;&#60;!channel&#62;",
    "bold, italics, strikes": "*bold* _italic_ ~gone~ *_~all~_*",
    "a code span": "`rm -rf /`",
    "a code block": "```\nrm -rf /\n```",
    "a lone backtick": "name`",
    "an emoji's name": ":white_check_mark: Approved by :crown:",
    "a JSON document": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*"}]}',
    "lines": "first\nsecond\r\nthird\u2028fourth\u2029fifth",
    "a hundred lines": "line\n" * 100,
    "tabs": "a\tb\t\tc",
    "NUL": "before\x00after",
    "terminal control": "\x1b[31mred\x1b[0m\x07\x08\x7f\x85",
    "right to left": "مدير النظام",
    "right to left override": "invoice\u202egnp.exe\u202c",
    "isolates": "\u2066admin\u2069\u2067nimda\u2069",
    "zero width": "ad\u200bmin\u200d\u2060\ufeff",
    "nothing to see": "\u200b\u200b\u200b",
    "look-alikes": "\u0430dmin",
    "stacked marks": "Z" + "\u0351\u0343\u0333" * 30 + "algo",
    "decomposed": "re\u0301sume\u0301",
    "emoji": "🔑🔥🙈",
    "joined emoji": "👩\u200d👩\u200d👧\u200d👦🏳️\u200d🌈👍🏽",
    "flags": "🇩🇪🇫🇷🇬",
    "astral letters": "𝓐𝓭𝓶𝓲𝓷 𠜎𠜱",
    "private use": "\ue000\uf8ff\U0010fffd",
    "noncharacters": "\ufffe\uffff",
    "replacement character": "\ufffd",
    "long reason": ("It is needed for the migration of the old build servers. " * 100)[:REASON],
    "long reason of one word": "x" * REASON,
    "long reason of ampersands": "&" * REASON,
    "long reason of brackets": "<>" * (REASON // 2),
    "long reason of emoji": "🔑" * REASON,
    "long reason of lines": "\n".join("why" for _ in range(REASON // 4)),
}

# A cut after escaping falls somewhere inside an entity for one of these, whatever the limit is.
TEXTS |= {f"ampersands after {size} letters": "x" * size + "&" * 3_100 for size in range(5)}

_PIECES = [text for text in TEXTS.values() if len(text) <= 100]
_CHARACTERS = st.characters(exclude_categories=["Cs"])  # JSON from Slack or AWS holds no half pairs


def texts(max_size: int = REASON) -> st.SearchStrategy[str]:
    """Hostile pieces and any characters in any order, now and then repeated up to `max_size`."""
    piece = st.one_of(st.sampled_from(_PIECES), st.text(_CHARACTERS, min_size=1, max_size=20))
    mixed = st.lists(piece, min_size=1, max_size=6).map("".join)
    repeated = st.builds(lambda text, times: text * times, mixed, st.integers(1, 200))
    return st.one_of(st.sampled_from(list(TEXTS.values())), mixed, repeated).map(
        lambda text: text[:max_size]
    )
