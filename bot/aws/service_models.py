"""What all sessions share: AWS's service models and botocore's handlers, each looked at once.

Reading the models is most of what a client takes, registering the handlers most of what a session
takes.
"""

from copy import copy
from functools import lru_cache
from pathlib import Path

import boto3
import botocore.session
from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import Loader, create_loader


def core_session(profile: str | None = None) -> botocore.session.Session:
    """What a `boto3.Session` is made of, as botocore makes it, with the models that all share.

    Nobody else's credentials, settings or clients are in it. `AWS_DATA_PATH` and `data_path` count
    as they do for botocore. Raises ProfileNotFound.
    """
    core = botocore.session.Session(
        profile=profile,
        event_hooks=copy(_handlers(tuple(BUILTIN_HANDLERS))),
        include_builtin_handlers=False,
    )
    core.register_component("data_loader", _models(core.get_config_variable("data_path")))
    return core


class _Models(Loader):
    @property
    def search_paths(self) -> list[str]:
        """Where models are; a copy, since each `boto3.Session` adds its own folder to it."""
        return list(super().search_paths)


@lru_cache(maxsize=4)
def _models(data_path: str | None) -> Loader:
    of_boto3 = str(Path(boto3.__file__).with_name("data"))
    return _Models([*create_loader(data_path).search_paths, of_boto3])


@lru_cache(maxsize=4)
def _handlers(_builtin: tuple[object, ...]) -> HierarchicalEmitter:
    """botocore's own handlers, registered; others may have put theirs among them, as moto does."""
    hooks = HierarchicalEmitter()
    botocore.session.Session(event_hooks=hooks)
    return hooks
