"""
Notes: an example of a resource, to be replaced by yours.

The endpoints know what is asked of a store, not which one it is.
"""

from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

router = APIRouter(prefix="/notes", tags=["notes"])

# What fits into an integer column.
HIGHEST_ID = 2**31 - 1


class NewNote(BaseModel):
    """A note as it comes in."""

    model_config = ConfigDict(extra="forbid")

    # Without NUL, which not every database can keep.
    text: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]


class Note(BaseModel):
    """A note as it is kept."""

    id: int
    text: str


class Notes(Protocol):
    """Where notes are kept."""

    async def add(self, text: str) -> Note:
        """Keep a note under the next number."""

    async def get(self, note_id: int) -> Note | None:
        """Find one note."""

    async def page(self, *, after: int, limit: int) -> list[Note]:
        """List notes by number, beginning behind `after`."""


def kept_notes(request: Request) -> Notes:
    """Find the store of this application."""
    notes: Notes = request.app.state.notes
    return notes


Kept = Annotated[Notes, Depends(kept_notes)]


@router.post("", status_code=201)
async def create_note(new: NewNote, notes: Kept, response: Response) -> Note:
    """Keep a note."""
    note = await notes.add(new.text)
    response.headers["location"] = f"/notes/{note.id}"
    return note


@router.get("")
async def list_notes(
    notes: Kept,
    after: Annotated[int, Query(ge=0, le=HIGHEST_ID, description="The last id so far.")] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[Note]:
    """List notes, oldest first."""
    return await notes.page(after=after, limit=limit)


@router.get("/{note_id}")
async def read_note(note_id: Annotated[int, Path(ge=1, le=HIGHEST_ID)], notes: Kept) -> Note:
    """Read one note."""
    note = await notes.get(note_id)
    if note is None:
        raise HTTPException(404, "There is no such note.")
    return note
