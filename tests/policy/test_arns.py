"""Which of many ARNs patterns and documents are about, against trying each."""

from hypothesis import example, given
from hypothesis import strategies as st

from bot.policy import KnownArns, Match, just, match_resource, parse_document

HEAD = "arn:aws:iam::123456789012:"
NAMES = st.text(alphabet="ab/-*?$:", max_size=6)
KINDS = st.sampled_from(["role", "user"])
ARNS = st.builds(lambda kind, name: f"{HEAD}{kind}/{name}", KINDS, NAMES)
PATTERNS = st.one_of(
    st.text(alphabet="ab/-*?:${}", max_size=8),
    st.builds(lambda text: HEAD + text, st.text(alphabet="aber/-*?o", max_size=8)),
    st.sampled_from(["*", "", "arn:aws:*:*:*:role/a*", HEAD + "user/${aws:username}", "r", ":u"]),
    ARNS,
)


@given(st.sets(ARNS, max_size=12), PATTERNS)
@example({HEAD + "role/a", HEAD + "role/b"}, "*aarn*")  # runs from one ARN into the next
@example({HEAD + "role/a", HEAD + "user/a*"}, HEAD + "user/ab")
def test_finds_all_that_a_pattern_may_match_and_no_other(arns: set[str], pattern: str) -> None:
    known = KnownArns(arns)

    found = known.matched_by(pattern)

    assert found == {arn for arn in arns if match_resource(pattern, just(arn)) is not Match.NO}
    assert known.matched_by(pattern) == found


def allowed(*statements: dict[str, object]) -> frozenset[str]:
    known = KnownArns([HEAD + "role/a", HEAD + "role/b", HEAD + "user/a"])
    document = parse_document({"Version": "2012-10-17", "Statement": [*statements]}, where="a test")
    return frozenset(arn.removeprefix(HEAD) for arn in known.allowed_by(document, "iam:PassRole"))


def test_a_document_is_about_what_its_statements_name() -> None:
    first = {"Effect": "Allow", "Action": "iam:Pass*", "Resource": [HEAD + "role/a", "arn:x"]}
    second = {"Effect": "Allow", "Action": "*", "Resource": HEAD + "user/*"}

    assert allowed(first, second) == {"role/a", "user/a"}


def test_statements_about_other_actions_and_denies_allow_nothing() -> None:
    other = {"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}

    assert allowed(other, deny) == frozenset()


def test_what_is_excepted_counts_too() -> None:
    """It isn't said here that anything is denied: who asks decides with all documents."""
    statement = {"Effect": "Allow", "NotAction": "s3:*", "NotResource": HEAD + "role/a"}

    assert allowed(statement) == {"role/a", "role/b", "user/a"}
