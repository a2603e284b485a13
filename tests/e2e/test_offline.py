"""Files that the real AWS CLI wrote, instead of an account: the same findings, nothing to apply."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import pytest

from bot import registry
from bot.aws.simulated.seed import OPERATOR_ROLE
from bot.model import MFA_FENCE, Part
from tests.e2e.clouds import Cloud
from tests.e2e.commands import Locksmith, copy_of, nothing_lost
from tests.e2e.exports import DETAILS, POLICY, REPORT, SUMMARY, Files, Offline, without_wrappers


@pytest.fixture(scope="module")
def live(
    company_account: Cloud,
    forks: Any,
    environ: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Locksmith:
    """A shell that has scanned the company itself."""
    company_account.heal()
    folder = tmp_path_factory.mktemp("live")
    locksmith = Locksmith(forks, folder, {**environ, **company_account.environment})
    (folder / "scan.json").write_text(locksmith("--output", "json", "scan").out)
    return locksmith


def what(scan: Mapping[str, Any]) -> set[tuple[Any, ...]]:
    """What a scan found, by what files and the account can both tell.

    No file says who Locksmith is, whose own broad policy is no finding in the account.
    """
    return {
        (
            each["control"],
            each["severity"],
            each["resource"].get("user") or each["resource"]["name"],
            each["resource"].get("slot"),
            each["asks_elsewhere"],
        )
        for each in scan["findings"]
        if each["resource"]["name"] != OPERATOR_ROLE
    }


def controls_left_out(scan: Mapping[str, Any]) -> set[str]:
    """The controls that a scan could not evaluate."""
    return {each["control"] for each in scan["not_evaluated"]}


#: Which parts of an account each file tells of.
TOLD: Mapping[str, frozenset[Part]] = {
    DETAILS: frozenset(
        {Part.USERS, Part.GROUPS, Part.ROLES, Part.CUSTOMER_POLICIES, Part.AWS_POLICIES}
    ),
    REPORT: frozenset({Part.CREDENTIAL_REPORT}),
    SUMMARY: frozenset({Part.ACCOUNT_SUMMARY}),
    POLICY: frozenset({Part.PASSWORD_POLICY}),
}


def untold(*files: str) -> set[str]:
    """The controls that need more than these files tell of."""
    told = {Part.KEY_NAMES}.union(*(TOLD[name] for name in files))
    return {each.control.id for each in registry.controls({}) if each.control.needs - told}


# The forms in which these files go around


def as_the_cli_writes_them(files: Files) -> Files:
    return files


def with_encoded_policies(files: Files) -> Files:
    """As the API answers, and tools that don't decode: documents are URL-encoded JSON."""

    def encode(value: Any, name: str = "") -> Any:
        if name.endswith(("PolicyDocument", "Document")) and isinstance(value, dict):
            return quote(json.dumps(value))
        if isinstance(value, dict):
            return {key: encode(inner, key) for key, inner in value.items()}
        return [encode(each) for each in value] if isinstance(value, list) else value

    details = json.dumps(encode(json.loads(files[DETAILS])))
    assert "%7B" in details
    return {**files, DETAILS: details.encode()}


def redirected_by_powershell(files: Files) -> Files:
    return {
        name: content.decode().replace("\n", "\r\n").encode("utf-16")
        for name, content in files.items()
    }


def with_a_byte_order_mark(files: Files) -> Files:
    return {name: b"\xef\xbb\xbf" + content for name, content in without_wrappers(files).items()}


def _but_who_asks(scan: Mapping[str, Any]) -> set[tuple[Any, ...]]:
    """What was found; which control asks about it can hang on what no file tells of."""
    return {each[:-1] for each in what(scan)}


@pytest.mark.parametrize(
    "form",
    [
        as_the_cli_writes_them,
        without_wrappers,
        with_encoded_policies,
        redirected_by_powershell,
        with_a_byte_order_mark,
    ],
)
def test_every_form_gives_what_the_account_gives(
    form: Callable[[Files], Files],
    exported: Files,
    live: Locksmith,
    unsigned: Locksmith,
    offline: Offline,
) -> None:
    """The findings are those of a live scan, but for the trails that no file tells of."""
    itself = json.loads((live.folder / "scan.json").read_text())

    files = unsigned.json(*offline(form(exported)))

    assert files["offline"]
    assert files["account"] == itself["account"]
    assert files["calls"] == {}
    assert "no-multi-region-trail" in untold(*TOLD)
    assert controls_left_out(files) == untold(*TOLD)
    assert _but_who_asks(files) == {
        each for each in _but_who_asks(itself) if each[0] not in untold(*TOLD)
    }


@pytest.mark.parametrize(
    ("kept", "left_out", "looked_at"),
    [
        ([DETAILS], "unused-access-key", "policy-attached-to-user"),
        ([DETAILS, POLICY, SUMMARY, REPORT], "no-multi-region-trail", "unused-access-key"),
    ],
    ids=["details-alone", "all"],
)
def test_what_is_not_given_is_not_evaluated(
    kept: list[str],
    left_out: str,
    looked_at: str,
    exported: Files,
    unsigned: Locksmith,
    offline: Offline,
) -> None:
    """Neither passed nor violated, and no reason for exit code 4."""
    scan = unsigned.json(*offline({name: exported[name] for name in kept}))

    assert left_out in untold(*kept)
    assert looked_at not in untold(*kept)
    assert controls_left_out(scan) == untold(*kept)
    assert not untold(*kept) & {each["control"] for each in scan["findings"]}
    assert not any(part["given"] for part in scan["unavailable"])


class TestNothingCanBeApplied:
    """A finding from files shows its plan as a template, and that is all."""

    @pytest.fixture
    def scanned(self, exported: Files, unsigned: Locksmith, offline: Offline) -> dict[str, Any]:
        """What was found in all the files."""
        return unsigned.json(*offline(exported))

    def test_no_digest(self, scanned: dict[str, Any]) -> None:
        """Null, and what is missing; no proposal."""
        for each in scanned["findings"]:
            assert each["remediation"]["digest"] is None
            assert each["remediation"]["needs"] in ("key_id", "live_account")
            assert each["proposal"] is None
        by_key = [each for each in scanned["findings"] if "slot" in each["resource"]]
        assert {
            each["remediation"]["needs"] for each in by_key if each["remediation"]["kind"] == "plan"
        } == {"key_id"}

    @pytest.mark.parametrize(
        "control", ["unused-access-key", "policy-attached-to-user", "root-access-key"]
    )
    def test_its_plan_is_shown_later(
        self, control: str, scanned: dict[str, Any], unsigned: Locksmith
    ) -> None:
        """`plan ID` works without credentials, for people and for programs."""
        finding = next(each for each in scanned["findings"] if each["control"] == control)

        shown = unsigned.json("plan", finding["id"])
        text = unsigned("plan", finding["id"])

        assert shown["digest"] is None
        assert shown["needs"] == finding["remediation"]["needs"]
        assert shown["proposal"] is None
        assert shown["plan"]["steps"]
        assert shown["finding"]["id"] == finding["id"]
        assert text.code == 0
        assert "sha256:" not in text.out

    @pytest.mark.parametrize(
        "words",
        [
            ("approve", "{id}", "--digest", "sha256:" + "0" * 64),
            ("apply", "{id}"),
            ("apply", "--dry-run", "{id}"),
            ("deny", "{id}", "--reason", "no"),
            ("snooze", "{id}", "--until", "2w"),
            ("undo", "{id}", "--yes"),
        ],
        ids=" ".join,
    )
    def test_it_cannot_be_decided(
        self, words: tuple[str, ...], scanned: dict[str, Any], unsigned: Locksmith
    ) -> None:
        """Exit code 5, and that the account itself must be scanned."""
        finding = scanned["findings"][0]["id"]

        with nothing_lost(unsigned):
            refused = unsigned(*(word.format(id=finding) for word in words))

        refused.failed(5, finding, hint=False)

    def test_the_account_cannot_go_live_by_files(
        self, scanned: dict[str, Any], unsigned: Locksmith
    ) -> None:
        """Going live wants a look at the account itself."""
        unsigned("go-live", scanned["account"]).failed(5, "never scanned")

    def test_the_same_files_give_the_same_ids(
        self,
        scanned: dict[str, Any],
        exported: Files,
        unsigned: Locksmith,
        offline: Offline,
    ) -> None:
        """The same violation keeps its id."""
        again = unsigned.json(*offline(exported))

        assert again["new"] == 0
        assert {each["id"] for each in again["findings"]} == {
            each["id"] for each in scanned["findings"]
        }


def test_files_stay_apart_from_the_account(
    exported: Files,
    live: Locksmith,
    unsigned: Locksmith,
    offline: Offline,
) -> None:
    """Files of an account that was scanned live touch nothing that was found there."""
    copy_of(live.database, unsigned.folder)
    before = {each["id"]: each for each in unsigned.json("findings")["findings"]}

    with nothing_lost(unsigned):
        scan = unsigned.json(*offline({DETAILS: exported[DETAILS]}))
    after = {each["id"]: each for each in unsigned.json("findings")["findings"]}

    assert scan["resolved"] == 0
    assert not before.keys() & {each["id"] for each in scan["findings"]}
    assert {id_: each for id_, each in after.items() if id_ in before} == before


def test_five_thousand_users(exported: Files, unsigned: Locksmith, offline: Offline) -> None:
    """The company with everyone who is no administrator again and again: all are found.

    Left out is also whose fence names its user: copied, it is nobody's; and who holds policies
    directly, which is another question once several hold the same.
    """
    details = json.loads(exported[DETAILS])
    users = details["UserDetailList"]
    again = [
        user
        for user in users
        if not any(word in str(user) for word in _NOT_COPIED)
        and not user.get("AttachedManagedPolicies")
        and not user.get("UserPolicyList")
    ]
    number = (5_000 - len(users)) // len(again)
    details["UserDetailList"] += [copied(user, n) for n in range(number) for user in again]
    names = {user["UserName"] for user in again}
    lines = without_wrappers(exported)[REPORT].decode().splitlines()
    rows = [row for row in csv.reader(lines) if row[0] in names]
    report = io.StringIO()
    csv.writer(report).writerows(
        [f"{row[0]}-{n}", f"{row[1]}-{n}", *row[2:]] for n in range(number) for row in rows
    )
    text = "\n".join([*lines, report.getvalue()])

    few = _but_groups(what(unsigned.json(*offline(exported))))
    many = _but_groups(
        what(
            unsigned.json(
                *offline({**exported, DETAILS: json.dumps(details).encode(), REPORT: text.encode()})
            )
        )
    )

    assert len(details["UserDetailList"]) > 4_900
    assert few < many
    about_them = {each for each in few if each[2] in names}
    assert len(many) == len(few) + number * len(about_them)


def _but_groups(found: set[Any]) -> set[Any]:
    """Without which of two like groups is to go: that hangs on how many are in each."""
    return {each for each in found if each[0] != "duplicate-groups"}


_NOT_COPIED = (
    "AdministratorAccess",
    "PowerUserAccess",
    "platform-admins",
    "incident-access",
    MFA_FENCE,
)


def copied(user: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Another user like this one."""
    return {
        **user,
        "UserName": f"{user['UserName']}-{number}",
        "Arn": f"{user['Arn']}-{number}",
        "UserId": f"{user['UserId'][:-4]}{number:04d}",
    }
