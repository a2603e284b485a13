"""The whole loop as a script would go through it: every step is one command with JSON."""

import json
from typing import Any

import pytest

from tests.e2e.clouds import Cloud
from tests.e2e.commands import Locksmith, validate
from tests.e2e.conftest import asked

HALF_WAY = "half-way"


def key_status(cloud: Cloud, user: str) -> str:
    """The status of a user's only access key, as AWS tells anyone."""
    (key,) = cloud.client().list_access_keys(UserName=user)["AccessKeyMetadata"]
    return str(key["Status"])


def found(scan: dict[str, Any], control: str, user: str) -> dict[str, Any]:
    """The finding of a scan about a user's key."""
    (finding,) = (
        each
        for each in scan["findings"]
        if each["control"] == control and each["resource"].get("user") == user
    )
    return dict(finding)


def test_from_the_first_scan_to_the_undo(unsigned: Locksmith, company: Cloud) -> None:
    """Nothing changes without a yes; what changed is seen in AWS; undone, all is as it was."""
    locksmith = unsigned.but(**company.environment)
    user = "svc-legacy-ftp"
    assert locksmith.json("db", "current")["revision"] is None

    first = locksmith.json("scan")
    assert first["account"] == company.account
    assert first["unavailable"] == first["not_evaluated"] == []
    counted = {
        name: n
        for name, n in company.counts().items()
        if name == "sts:AssumeRoot" or not name.startswith("sts:")
    }
    assert {**first["calls"], "iam:GetRole": 1} == counted  # the bot's own role comes before a scan
    finding = found(first, "unused-access-key", user)
    proposal, digest = finding["proposal"]["id"], finding["remediation"]["digest"]

    shown = locksmith.json("plan", finding["id"])
    assert (shown["digest"], shown["proposal"]["id"]) == (digest, proposal)
    (step,) = shown["plan"]["steps"]
    assert step["do"]["operation"] == "UpdateAccessKey"
    assert step["do"]["params"]["AccessKeyId"] == finding["resource"]["key_id"]

    locksmith("approve", proposal, "--digest", digest).failed(5, "notify mode", "go-live")
    assert locksmith.json("go-live", company.account)["mode"] == "live"
    locksmith("apply", proposal).failed(5, "nobody has approved it yet")
    (decided,) = locksmith.json("approve", proposal, "--digest", digest)["proposals"]
    assert decided["proposal"]["state"] == "approved"
    (tried,) = locksmith.json("apply", "--dry-run", proposal)["rehearsals"]
    assert tried["would_write"]
    assert company.writes() == []
    assert key_status(company, user) == "Active"

    (done,) = locksmith.json("apply", proposal)["executions"]
    assert done["state"] == "done"
    assert [each["outcome"] for each in done["steps"]] == ["holds"]
    assert company.writes() == ["UpdateAccessKey"]
    assert key_status(company, user) == "Inactive"

    second = locksmith.json("scan")
    ids = {each["id"] for each in first["findings"]}
    assert finding["id"] not in {each["id"] for each in second["findings"]}
    live_only = {"root-custody-unattested"}  # asked once somebody has confirmed the account
    assert {each["id"] for each in second["findings"] if each["control"] not in live_only} < ids
    assert locksmith.json("findings", "show", finding["id"])["finding"]["status"] == "resolved"

    (undo,) = locksmith.json("undo", done["id"], "--propose")["proposals"]
    assert undo["proposal"]["undoes"] == done["id"]
    undo_id = undo["proposal"]["id"]
    locksmith.json("approve", undo_id, "--digest", undo["proposal"]["digest"])
    assert locksmith.json("apply", undo_id)["executions"][0]["state"] == "done"
    assert key_status(company, user) == "Active"
    assert company.writes() == ["UpdateAccessKey"] * 2

    third = found(locksmith.json("scan"), "unused-access-key", user)
    assert (third["id"], third["status"], third["reopened"]) == (finding["id"], "open", 1)
    assert locksmith.json("executions", "show", done["id"])["execution"]["undone_by"]
    assert len(locksmith.json("executions")["executions"]) == 2
    locksmith("undo", done["id"], "--yes").failed(5, "undone already", hint=False)
    assert locksmith.json("audit", "verify")["ok"]


def test_undo_in_one_command(locksmith: Locksmith, cloud: Cloud) -> None:
    """`undo --yes` proposes, decides and applies; the trust policy is the one from before."""
    before = trust_of(cloud, "asked")
    question = asked(locksmith, "asked")
    locksmith.json("approve", question["id"], "--digest", question["digest"])
    (done,) = locksmith.json("apply", question["id"])["executions"]
    assert trust_of(cloud, "asked") != before

    (undone,) = locksmith.json("undo", done["id"], "--yes")["executions"]

    assert undone["state"] == "done"
    assert trust_of(cloud, "asked") == before


def trust_of(cloud: Cloud, role: str) -> Any:
    """A role's trust policy, as AWS tells anyone."""
    return cloud.client().get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]


def test_no_later_and_accepted(locksmith: Locksmith, cloud: Cloud) -> None:
    """A denial and a snooze outlast the next scan, an exemption too; none of them writes."""
    denied, snoozed, exempt = (asked(locksmith, role) for role in ("denied", "asked", "kept"))
    finding = locksmith.finding("wildcard-trust-policy", "kept")

    (no,) = locksmith.json("deny", denied["id"], "--reason", "the partner needs it")["proposals"]
    (later,) = locksmith.json("snooze", snoozed["id"], "--until", "2w")["proposals"]
    accepted = locksmith.json("exempt", finding["id"], "--reason", "known", "--until", "30d")
    again = {each["resource"]["name"]: each for each in locksmith.json("scan")["findings"]}

    assert no["proposal"]["state"] == "denied"
    assert no["decisions"][0]["reason"] == "the partner needs it"
    assert later["proposal"]["state"] == "snoozed"
    assert accepted["finding"]["status"] == "exempt"
    assert again["denied"]["proposal"] == {"id": denied["id"], "state": "denied"}
    assert again["asked"]["proposal"] == {"id": snoozed["id"], "state": "snoozed"}
    assert again["kept"]["status"] == "exempt"
    locksmith("apply", exempt["id"]).failed(5, "cancelled", hint=False)
    assert cloud.writes() == []


def test_stopped_half_way(locksmith: Locksmith, cloud: Cloud) -> None:
    """Some steps hold and others don't: exit code 3, never a success, and a person settles it."""
    finding = locksmith.finding("policy-attached-to-user", HALF_WAY)
    proposal = finding["proposal"]["id"]
    locksmith.json("approve", proposal, "--digest", finding["remediation"]["digest"])
    cloud.fault("iam:DetachUserPolicy", "error:AccessDenied")

    (stopped,) = locksmith.json("apply", proposal, code=3)["executions"]
    cloud.heal()

    assert stopped["state"] == "needs human"
    outcomes = [each["outcome"] for each in stopped["steps"]]
    assert set(outcomes[:-1]) == {"holds"}
    assert outcomes[-1] == "not applied"
    assert "AccessDenied" in stopped["steps"][-1]["error"]
    (settled,) = locksmith.json("settle", proposal, "--reason", "to be undone")["proposals"]
    assert settled["proposal"]["state"] == "cancelled"
    (undone,) = locksmith.json("undo", stopped["id"], "--yes")["executions"]
    assert undone["state"] == "done"
    assert cloud.client().list_groups_for_user(UserName=HALF_WAY)["Groups"] == []
    assert locksmith.json("audit", "verify")["ok"]


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (("findings",), "findings"),
        (("findings", "list", "--status", "all", "--severity", "critical"), "findings"),
        (("executions", "list"), "executions"),
        (("audit", "show", "--limit", "5"), "audit"),
        (("audit", "verify"), "audit-verdict"),
        (("controls",), "controls"),
        (("controls", "show", "unused-access-key"), "control"),
        (("config", "validate"), "config"),
        (("db", "current"), "database"),
        (("db", "upgrade"), "database"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_every_document_names_its_schema(
    words: tuple[str, ...], schema: str, locksmith: Locksmith
) -> None:
    """JSON alone on stdout, valid by the schema that it names; nothing on stderr."""
    outcome = locksmith(*words, "--output", "json")

    assert outcome.code == 0
    assert outcome.err == ""
    assert outcome.document()["schema"] == f"locksmith.{schema}/1"


def test_the_log_leaves_as_json_lines(locksmith: Locksmith) -> None:
    """`audit export` gives every event once, in order, each line a valid document."""
    lines = locksmith("audit", "export").out.splitlines()
    events = [json.loads(line) for line in lines]

    for event in events:
        validate(event)
    numbers = [event["event"]["seq"] for event in events]
    assert numbers == list(range(1, locksmith.json("audit", "verify")["events"] + 1))


def test_the_schema_for_editors_is_one(locksmith: Locksmith) -> None:
    """`config schema` prints a JSON Schema that knows every section."""
    schema = json.loads(locksmith("config", "schema").out)

    assert {"database", "inventory", "controls"} <= schema["properties"].keys()


def test_tables_fit_and_say_what_was_cut(locksmith: Locksmith) -> None:
    """Without a terminal text is at most 100 columns wide."""
    listed = locksmith("findings")

    assert listed.code == 0
    assert max(map(len, listed.out.splitlines())) <= 100


class TestExitCodesOfAScan:
    """What a scan tells the program that called it."""

    @pytest.mark.parametrize(
        ("fail_on", "code"), [("critical", 1), ("info", 1), ("none", 0)], ids=str
    )
    def test_findings(self, fail_on: str, code: int, locksmith: Locksmith) -> None:
        """1 with open findings at or above the threshold, and only then."""
        locksmith.json("scan", "--fail-on", fail_on, code=code)

    def test_unread(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """4, before 1; what is missing is named with the permission; nothing passed for it."""
        cloud.fault("iam:GetAccountPasswordPolicy", "error:AccessDenied")

        document = locksmith.json("scan", "--fail-on", "info", code=4)

        (part,) = document["unavailable"]
        assert part["operation"] == part["grant"] == "iam:GetAccountPasswordPolicy"
        assert part["given"]
        assert "AccessDenied" in part["error"]
        left_out = {each["control"] for each in document["not_evaluated"]}
        assert left_out == {"weak-password-policy", "password-never-expires", "old-password"}
        assert not left_out & {each["control"] for each in document["findings"]}

    def test_unread_is_told_to_people_too(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """The table names the permission and the controls."""
        cloud.fault("iam:GetAccountPasswordPolicy", "error:AccessDenied")

        outcome = locksmith("scan")

        assert outcome.code == 4
        assert "iam:GetAccountPasswordPolicy" in outcome.out
        assert "weak-password-policy" in outcome.out

    def test_unread_resolves_nothing(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """Where the census can't be read, what it showed before stays open."""
        before = locksmith.json("findings")["findings"]
        cloud.fault("iam:GetAccountAuthorizationDetails", "error:AccessDenied")

        document = locksmith.json("scan", code=4)

        assert document["resolved"] == 0
        still = {each["id"] for each in locksmith.json("findings")["findings"]}
        assert {each["id"] for each in before} <= still

    def test_trouble(self, locksmith: Locksmith, cloud: Cloud) -> None:
        """3, before 4: the session ends in the middle, after a part was refused."""
        cloud.fault("iam:GetAccountSummary", "error:AccessDenied")
        cloud.fault("iam:GetAccountAuthorizationDetails", "error:ExpiredToken")

        outcome = locksmith("scan", "--fail-on", "info", "--output", "json")

        outcome.failed(3, "expired")
        assert outcome.out == ""


def test_of_several_the_worst_exit_code_counts(locksmith: Locksmith, cloud: Cloud) -> None:
    """Trouble goes before a refusal, and each proposal is still told by itself."""
    lost, open_ = asked(locksmith, "asked"), asked(locksmith, "denied")
    locksmith.json("approve", lost["id"], "--digest", lost["digest"])
    cloud.fault("iam:UpdateAssumeRolePolicy", "error:ServiceFailure")

    outcome = locksmith("--output", "json", "apply", open_["id"], lost["id"])

    outcome.failed(3, "nobody has approved it yet")
    (execution,) = outcome.document()["executions"]
    assert execution["state"] in ("failed", "unknown")
