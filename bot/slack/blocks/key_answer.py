"""What access keys are that someone found: whose, whether they let anyone in, what to do now."""

from collections.abc import Sequence
from datetime import datetime

from bot.engine.known_key import Holder, KnownKey, LastUse, Presence, Unread
from bot.engine.owners import Owned
from bot.engine.views import FindingView
from bot.reports.times import ago
from bot.slack.blocks.answers import word
from bot.slack.blocks.elements import Block, Payload, button, context, divider, message, section
from bot.slack.blocks.escape import Markup, address, code, date, joined, prose, say
from bot.slack.blocks.fitting import Room, fitted
from bot.slack.blocks.words import counted, severity_and_summary, source_words, warned

#: Most keys that one answer has room for.
MOST_KEYS = 5
_MOST_FINDINGS = 3
_LEAST = 700  # characters: what the facts of a key with usual names need
_SECRET = say(
    "⚠️ *What looks like a secret is there too.* A secret in Slack is a leaked one: whoever can "
    "read it there has it, and so have copies and exports. Delete it there, and take its key as "
    "leaked."
)
_ALONE = say("An id alone opens nothing")
_WHICH = {
    Holder.OURS: say(", which Locksmith looks at"),
    Holder.SCANNED: say(", which was scanned, but Locksmith isn't signed in to it now"),
    Holder.STRANGER: say(", which Locksmith doesn't know"),
}


def keys_answer(keys: Sequence[KnownKey], *, more: int = 0, with_secret: bool = False) -> Payload:
    """Up to MOST_KEYS keys; `more` were found and not looked up.

    `with_secret` says that something like a secret was found with them.
    """
    return fitted(lambda room: _answer(keys, more, room, with_secret=with_secret))


def no_key(*, with_secret: bool = False) -> Payload:
    """No access key id was found."""
    text = say("There is no access key id in it. Those begin with AKIA or ASIA.")
    return message(text, [section(_SECRET), section(text)]) if with_secret else word(text)


def _answer(keys: Sequence[KnownKey], more: int, room: Room, *, with_secret: bool) -> Payload:
    blocks: list[Block] = [section(_SECRET)] if with_secret else []
    for key in keys:
        if blocks:
            blocks.append(divider())
        blocks += _key(key, room, leaked=with_secret or key.quarantined)
    if more:
        count = counted(more, "more key")
        blocks.append(
            section(say("… and {count}, not looked up: ask about them alone", count=count))
        )
    if not with_secret:
        blocks.append(
            context(say("No secret was recognised with it, which doesn't mean there is none."))
        )
    headline = _headline(keys[0])
    text = headline if len(keys) == 1 else say("{count}", count=counted(len(keys), "access key"))
    return message(text, blocks)


def _key(key: KnownKey, room: Room, *, leaked: bool) -> list[Block]:
    lines = [_headline(key), *_state(key), *_owner(key.owned, room)]
    if key.quarantined:
        lines.append(say("⚠️ AWS has put the user under quarantine because a key leaked."))
    lines += [_unread(each, room) for each in key.unread]
    return [
        section(joined("\n", lines), limit=max(room.text, _LEAST)),
        section(say("*Now*  {advice}", advice=_advice(key, leaked=leaked))),
        *_findings(key, room),
        context(_freshness(key)),
    ]


def _headline(key: KnownKey) -> Markup:
    id_ = code(key.key_id, 60)
    if key.presence is Presence.GONE:
        return say("No user of account {ours} has the key {id}.", ours=code(key.ours or ""), id=id_)
    if key.holder is Holder.UNKNOWN:
        return say("{id}: what it is could not be read.", id=id_)
    kind = say("belongs to")
    if key.is_temporary:
        kind = say("is a *temporary* key of")
    elif key.presence is Presence.THERE:
        kind = say("is an access key of{user}", user=_user(key))
    return say(
        "{id} {kind} account {account}{which}.",
        id=id_,
        kind=kind,
        account=code(key.account_id or "", 60),
        which=_WHICH[key.holder],
    )


def _user(key: KnownKey) -> Markup:
    if key.user is None:
        return say("")
    name = key.user.name
    return say(" {name}{warned} in", name=code(name, 80), warned=warned(name))


def _state(key: KnownKey) -> list[Markup]:
    """On or off, age, last use; only what was read."""
    lines = []
    if key.presence is Presence.THERE and key.status is not None:
        known = {"Active": say("*active*"), "Inactive": say("off")}
        status = known.get(key.status) or prose(key.status.lower(), 60)
        lines.append(say("*Status*  {status}", status=status))
    if key.created is not None:
        made = ago(key.created, key.seen_at)
        lines.append(say("*Made*  {ago}, {when}", ago=made, when=date(key.created)))
    if key.used is not None:
        lines.append(_last_use(key.used, key.seen_at))
    return lines


def _last_use(used: LastUse, now: datetime) -> Markup:
    if used.at is None:
        return say("*Last used*  never, as far as AWS knows")
    return say(
        "*Last used*  {ago}, {when}{service}{region}",
        ago=ago(used.at, now),
        when=date(used.at),
        service=say(" for {it}", it=prose(used.service, 60)) if used.service else say(""),
        region=say(" in {it}", it=prose(used.region, 60)) if used.region else say(""),
    )


def _owner(owned: Owned | None, room: Room) -> list[Markup]:
    """Who owns it and how that is known, and who could not be reached before them."""
    if owned is None:
        return []
    because = prose(owned.claim.because, room.call)
    line = say(
        "*Owner*  {who}: {source} ({because})",
        who=joined(", ", [address(each) for each in owned.recipients[:8]]),
        source=source_words(owned.claim.source),
        because=because,
    )
    if not owned.recipients:
        line = say("*Owner*  nobody is known ({because})", because=because)
    return [line, *(say("• {over}", over=prose(each, room.call)) for each in owned.passed_over[:3])]


def _unread(unread: Unread, room: Room) -> Markup:
    what = f"{unread.what[:1].upper()}{unread.what[1:]}"
    return say("❓ {what} could not be read: {why}.", what=what, why=prose(unread.why, room.call))


def _findings(key: KnownKey, room: Room) -> list[Block]:
    most = min(_MOST_FINDINGS, room.items // 2)
    blocks = [_finding(each, room) for each in key.findings[:most]]
    if len(key.findings) > most:
        more = counted(len(key.findings) - most, "more open finding")
        blocks.append(section(say("… and {more}", more=more)))
    return blocks


def _finding(view: FindingView, room: Room) -> Block:
    record, proposal = view.record, view.proposal
    line = say(
        "{summary} · {id}", summary=severity_and_summary(record.finding, room.call), id=record.id
    )
    if proposal is None or not proposal.state.is_open:
        return section(line)
    return section(line, accessory=button("Show", "show", f"{proposal.id} {proposal.digest}"))


def _freshness(key: KnownKey) -> Markup:
    read = say("AWS was asked {when}", when=date(key.seen_at))
    if key.ours is None:
        read = say("AWS was not asked")
    if key.scanned_at is not None:
        count = counted(len(key.findings), "open finding")
        when = date(key.scanned_at)
        return say("{read}; {count} by the scan of {when}.", read=read, count=count, when=when)
    if key.holder is Holder.OURS:
        return say("{read}; the account was never scanned.", read=read)
    return say("{read}.", read=read)


def _advice(key: KnownKey, *, leaked: bool) -> Markup:
    if key.is_temporary:
        return _about_session(key, leaked=leaked)
    match key.holder, key.presence:
        case Holder.SCANNED | Holder.STRANGER, _:
            return _elsewhere(key, leaked=leaked)
        case Holder.OURS, Presence.GONE:
            return say(
                "Nothing of it is left to switch off, unless it is the root user's, which IAM "
                "doesn't show. Whether there ever was such a key, and what it did, CloudTrail "
                "tells."
            )
        case _, Presence.THERE if key.user is not None:
            return _about_user(key, key.user.name, leaked=leaked)
    if leaked:
        return say("Take it for a leaked key that works, and tell the security group.")
    return say(
        "{alone}. Take it for a key that works until this is known; ask again in a while.",
        alone=_ALONE,
    )


def _about_user(key: KnownKey, user: str, *, leaked: bool) -> Markup:
    contain = code(f"/locksmith contain {user}", 100)
    if leaked and key.status == "Inactive":
        return say(
            "It lets nobody in while it is off: never switch it on again. Delete it, look in "
            "CloudTrail what it did, and in doubt the security group shuts every door of the user "
            "with {contain}.",
            contain=contain,
        )
    if leaked:
        return say(
            "Take it as leaked. The security group shuts every door of the user at once with "
            "{contain}. Then replace the key, delete it, and look in CloudTrail what it did.",
            contain=contain,
        )
    return say(
        "{alone}. If its secret may be out too, tell the security group, which shuts every door "
        "of the user at once with {contain}.",
        alone=_ALONE,
        contain=contain,
    )


def _about_session(key: KnownKey, *, leaked: bool) -> Markup:
    if key.holder is not Holder.OURS:
        return _elsewhere(key, leaked=leaked)
    whose = say("Whose session it is, and whether it has ended, only CloudTrail tells.")
    if not leaked:
        return say("{alone}, and sessions end by themselves. {whose}", alone=_ALONE, whose=whose)
    return say(
        "Take the session as stolen: its key can't be switched off alone. {whose} The security "
        "group shuts the doors of its user with {contain}, or revokes the sessions of its role.",
        whose=whose,
        contain=code("/locksmith contain USER"),
    )


def _elsewhere(key: KnownKey, *, leaked: bool) -> Markup:
    if key.holder is Holder.UNKNOWN:
        return say("Take it for a key that works until this is known; ask again in a while.")
    seen = say("Whether it exists and works can't be seen from here.")
    if leaked:
        return say("{seen} Tell whoever the account belongs to at once.", seen=seen)
    return say("{alone}. {seen}", alone=_ALONE, seen=seen)
