"""The page: static files, revalidated by their ETag."""

from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parents[1] / "static"

router = APIRouter(include_in_schema=False)


class RevalidatedFiles(StaticFiles):
    """Files that a browser keeps, and asks after each time: a new release is seen at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 304."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


files = RevalidatedFiles(directory=STATIC)


@router.get("/")
async def page(request: Request) -> Response:
    """The page itself."""
    return await files.get_response("index.html", request.scope)
