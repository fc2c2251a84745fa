"""Counts: how many vehicles crossed which line when."""

import csv
import io
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from gtvision.api.schemas.count import CountOut, CountPage, CountQuery
from gtvision.api.services import Ports

router = APIRouter(prefix="/v1/counts", tags=["counts"])

_CSV: dict[int | str, dict[str, Any]] = {200: {"model": CountPage, "content": {"text/csv": {}}}}


@router.get("", response_model=CountPage, responses=_CSV)
def list_counts(query: Annotated[CountQuery, Query()], request: Request, ports: Ports) -> CountPage | Response:
    """What `count` triggers counted, the newest intervals first, a page at a time; without vehicles there is no row."""
    wanted, interval_s = query.to_filter(), query.interval_s
    found, following = ports.counts.counts(wanted, interval_s=interval_s, limit=query.limit, cursor=query.cursor)
    page = CountPage(items=tuple(CountOut.of(count) for count in found), next=following)
    return page if query.format == "json" else _as_csv(page, request)


def _as_csv(page: CountPage, request: Request) -> Response:
    output = io.StringIO()
    writer = csv.DictWriter(output, tuple(CountOut.model_fields))
    writer.writeheader()
    writer.writerows(row.model_dump(mode="json") for row in page.items)
    following = request.url.include_query_params(cursor=page.next) if page.next else None
    headers = {"Link": f'<{following.path}?{following.query}>; rel="next"'} if following else {}
    return Response(output.getvalue(), headers=headers, media_type="text/csv")
