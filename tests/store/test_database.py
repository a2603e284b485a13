"""Opening the store, and what its transactions promise."""

from bot.store.database import Store


def test_smoke(store: Store) -> None:
    with store.read() as tx:
        assert tx.now
