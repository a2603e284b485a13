"""The steps that give a launch template's default version an instance profile."""

from bot.model import Call, Expect, Json, LaunchTemplate, Operator, Output, Risk, Step
from remediations._too_early import NEW_PROFILE, patient

#: The number that AWS gives the new version, as text, which calls want.
_NEW: Json = {"$output": "version.number"}


def give_profile(template: LaunchTemplate, profile: str, *, made: bool = False) -> tuple[Step, ...]:
    """Make a version that is the default one with the profile of this ARN, and the default.

    `made` says that this plan made the profile.
    """
    return _version(template, profile, made=made), _default(template)


def _version(template: LaunchTemplate, profile: str, *, made: bool) -> Step:
    read, named = _read(template), _named(template)
    path = "to_string(LaunchTemplates[0].LatestVersionNumber)"
    why = f"{template.name} has got a new version in the meantime"
    create = _call(
        template,
        "CreateLaunchTemplateVersion",
        **named,
        SourceVersion=str(template.default),
        LaunchTemplateData={"IamInstanceProfile": {"Arn": profile}},
    )
    return Step(
        name="version",
        summary=f"Make a version of {template.name}, which is version {template.default} with the "
        "instance profile",
        risk=Risk.REVERSIBLE,
        before=(
            _default_is(template, str(template.default)),
            Expect(read, path, Operator.EQUALS, str(template.latest), why),
        ),
        do=patient(create, *NEW_PROFILE) if made else create,
        after=(Expect(read, path, Operator.EQUALS, _NEW, "the version is not there"),),
        undo=_call(template, "DeleteLaunchTemplateVersions", **named, Versions=[_NEW]),
        outputs={"number": Output("to_string(LaunchTemplateVersion.VersionNumber)")},
    )


def _default(template: LaunchTemplate) -> Step:
    named = _named(template)
    return Step(
        name="default",
        summary=f"Make the new version of {template.name} the default",
        risk=Risk.REVERSIBLE,
        before=(_default_is(template, str(template.default)),),
        do=_call(template, "ModifyLaunchTemplate", **named, DefaultVersion=_NEW),
        after=(_default_is(template, _NEW),),
        undo=_call(template, "ModifyLaunchTemplate", **named, DefaultVersion=str(template.default)),
    )


def _default_is(template: LaunchTemplate, version: Json) -> Expect:
    path = "to_string(LaunchTemplates[0].DefaultVersionNumber)"
    said = "the new version" if version == _NEW else f"version {version}"
    why = f"{said} of {template.name} is not the default"
    return Expect(_read(template), path, Operator.EQUALS, version, why)


def _read(template: LaunchTemplate) -> Call:
    return _call(template, "DescribeLaunchTemplates", LaunchTemplateIds=[template.id])


def _named(template: LaunchTemplate) -> dict[str, Json]:
    return {"LaunchTemplateId": template.id}


def _call(template: LaunchTemplate, operation: str, **params: Json) -> Call:
    return Call("ec2", operation, params, template.region)
