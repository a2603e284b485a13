"""Gives a simulated user a name and a path as bad as AWS allows, with all that hangs on it."""

from bot.aws.simulated import AccountBuilder

#: All marks that AWS allows in the name of a user.
SUFFIX = ",o+b=1@x.y_z-"
#: Paths may have any mark of ASCII in them.
PATH = "/<!channel>/o'brien\"`\\*?[]{}$&;|/"


def rename(account: AccountBuilder, old: str, new: str, path: str = PATH) -> None:
    """As UpdateUser does it; what only keeps the user's name besides comes along."""
    iam = account.iam
    iam.update_user(old, path, new)
    user = iam.get_user(new)
    for owned in (*user.ssh_public_keys, *user.signing_certificates.values()):
        owned.user_name = new
    for credential in iam.service_credentials.values():
        if credential.user_name == old:
            credential.user_name = new
    for device in iam.virtual_mfa_devices.values():
        owner = device.user_attribute
        if owner and owner.get("UserName") == old:
            device.user_attribute = {**owner, "Path": path, "UserName": new, "Arn": user.arn}
    fences = vars(account).get("fences", {})
    vars(account)["fences"] = {
        (new if name == old else name, fence): at for (name, fence), at in fences.items()
    }
