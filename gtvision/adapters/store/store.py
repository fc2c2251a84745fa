"""One database as all stores."""

from types import TracebackType
from typing import Self

from gtvision.adapters.store.cameras import SqlCameras
from gtvision.adapters.store.counts import SqlCounts
from gtvision.adapters.store.disclosures import SqlDisclosures
from gtvision.adapters.store.engine import Database, make_engine, sqlite_file, url_of
from gtvision.adapters.store.events import SqlEvents
from gtvision.adapters.store.lock import WriterLock
from gtvision.adapters.store.plate_orders import SqlPlateOrders
from gtvision.adapters.store.plates import SqlPlates
from gtvision.adapters.store.receipts import SqlReceipts
from gtvision.adapters.store.retention import SqlRetention
from gtvision.adapters.store.schema import SchemaState, state_of
from gtvision.adapters.store.watchlists import SqlWatchlists, WatchedLists
from gtvision.domain.errors import BadConfiguration


class Store(
    SqlCameras,
    SqlEvents,
    SqlCounts,
    SqlPlates,
    SqlPlateOrders,
    SqlReceipts,
    SqlWatchlists,
    SqlDisclosures,
    SqlRetention,
):
    """One database: every store that there is a port for, safe to use from many threads.

    Of a SQLite file there is one writer at a time, on the machine that holds the file; readers are never kept out.

    Args:
        url: SQLAlchemy address; may hold a password, which is in no message.
        writes: Whether this process changes anything.
        plate_partners: Who reads the plates of vehicles whose event ends.

    Raises:
        BadConfiguration: The schema is not the one this code needs, or the address is wrong.
        StoreUnavailable: The database does not answer, or another process writes to it.
    """

    def __init__(self, url: str, *, writes: bool, plate_partners: tuple[str, ...] = ()) -> None:
        where = url_of(url)
        file = sqlite_file(where)
        if file is not None and not file.exists():
            raise BadConfiguration(f"{file}: {SchemaState(None).fault}", "database.url")
        self._lock = WriterLock(file) if writes and file is not None else None
        engine = make_engine(where)
        self._database = Database(engine, writes=writes)
        self._watched = WatchedLists()
        self._plate_partners = plate_partners
        try:
            fault = state_of(engine).fault
            if fault is not None:
                raise BadConfiguration(fault, "database.url")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes all connections and lets the next writer in."""
        self._database.close()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
