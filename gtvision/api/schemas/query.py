"""What can be asked of the list of events."""

from pydantic import AwareDatetime, Field

from gtvision.api.schemas.common import EventTypeLabel, KindLabel
from gtvision.api.schemas.disclosure import ReasonedQuery
from gtvision.api.schemas.plate import query_of
from gtvision.domain.kinds import Kind
from gtvision.domain.plate_query import PlateMatch
from gtvision.domain.trigger import TriggerType
from gtvision.ports import EventFilter


class EventQuery(ReasonedQuery):
    """Which events, and how many at once; what is left out means any."""

    camera: str | None = Field(None, description="Id of a camera.")
    type: EventTypeLabel | None = Field(None, description="Type of the trigger.")
    kind: KindLabel | None = None
    since: AwareDatetime | None = Field(None, description="Started at or after, RFC 3339.")
    until: AwareDatetime | None = Field(None, description="Started before, RFC 3339.")
    open: bool | None = Field(None, description="Whether it still goes on.")
    plate: str | None = Field(
        None, max_length=40, description="Its plate begins so; a converted plate is the same vehicle. It is recorded."
    )
    limit: int = Field(50, ge=1, le=500)
    cursor: str | None = Field(None, max_length=512, description="The 'next' of the page before.")

    def to_filter(self) -> EventFilter:
        """The same for the store."""
        return EventFilter(
            camera_id=self.camera,
            trigger_type=TriggerType(self.type) if self.type else None,
            kind=Kind.of(self.kind) if self.kind else None,
            since_s=self.since.timestamp() if self.since else None,
            until_s=self.until.timestamp() if self.until else None,
            is_open=self.open,
            plate=None if self.plate is None else query_of(self.plate, PlateMatch.PREFIX).text,
        )
