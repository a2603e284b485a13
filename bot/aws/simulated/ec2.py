"""EC2 with what moto lacks of launch templates. Importing it loads moto's EC2, which takes seconds.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response


class SimulatedEc2Response(EC2Response):
    """A new version is made from its source version, and versions can be deleted."""

    def create_launch_template_version(self) -> ActionResult:
        """moto forgets the source version, so that all that isn't said would be lost."""
        template = self._template()
        source = self._get_param("SourceVersion")
        before = dict(template.get_version(source).data) if source else {}
        answer = super().create_launch_template_version()
        made = template.versions[-1]
        made.data = {**before, **{key: value for key, value in made.data.items() if value}}
        return answer

    def delete_launch_template_versions(self) -> ActionResult:
        """Only the latest ones: moto finds a version by its place."""
        template = self._template()
        deleted: list[dict[str, Any]] = []
        for number in sorted(map(int, self._get_param("Versions", [])), reverse=True):
            if number == template.versions[-1].number != template.default_version_number:
                template.versions.pop()
                deleted.append({"LaunchTemplateId": template.id, "VersionNumber": number})
        return ActionResult({"SuccessfullyDeletedLaunchTemplateVersions": deleted})

    def _template(self) -> Any:
        backend: Any = self.ec2_backend
        return backend.get_launch_template(self._get_param("LaunchTemplateId"))
