"""A strict fake of Slack that holds state, for every test that needs a workspace."""

from tests.slack.double.blocks import Element
from tests.slack.double.delivery import Ack, Delivery
from tests.slack.double.faults import ANY, Fault
from tests.slack.double.messages import Message
from tests.slack.double.modals import View
from tests.slack.double.people import Channel, User, UserGroup
from tests.slack.double.slack import SlackDouble
from tests.slack.double.tokens import BOT_SCOPES, Token
from tests.slack.double.web_api import Call

__all__ = [
    "SlackDouble", "BOT_SCOPES", "Token",
    "User", "UserGroup", "Channel", "Message", "View", "Element",
    "Call", "Delivery", "Ack", "Fault", "ANY",
]  # fmt: skip
