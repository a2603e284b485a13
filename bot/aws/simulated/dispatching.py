"""moto's server with what it finds out anew for each request found out once: half of its work.

It lists its own folder to learn which service a host means, inspects a whole class to learn the
operations, and for each new server it builds every service's application again. None of the three
depends on the account.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from moto.core import responses
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app


class Dispatcher(DomainDispatcherApplication):
    """The WSGI application in front of every service."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._known: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        """The service that a host means, or None."""
        if host not in self._known:
            self._known[host] = super().get_backend_for_host(host)
        return self._known[host]


@cache
def dispatcher() -> Dispatcher:
    """The one of this process; make it only after `install()`."""
    return Dispatcher()


def install() -> None:
    """Have the operations of a class told once. Doing it again is harmless."""
    module: Any = responses
    if not hasattr(module.method_names_from_class, "cache_info"):
        module.method_names_from_class = cache(module.method_names_from_class)
