"""Load an image and convert it to half blocks, in a worker thread."""

from __future__ import annotations

import threading

from newsdesk.tui.widgets.half_block_image import Picture, Place, half_blocks
from newsdesk.workspace.workspace import Workspace


def load_image(
    workspace: Workspace, url: str, place: Place, stop: threading.Event, *, again: bool = False
) -> Picture | None:
    """Return an image as half blocks, or the reason why not; None if stopped."""
    from newsdesk.workspace.images.decode import UnusableImage, scaled_pixels  # Pillow

    content = workspace.pictures.get(
        url, workspace.link_policy, is_cancelled=stop.is_set, again=again
    )
    if content is None:
        return None
    if not isinstance(content, bytes):
        return Picture(url, place, reason=content.reason)
    try:
        lines = half_blocks(*scaled_pixels(content, place.columns, place.rows))
        return Picture(url, place, tuple(lines))
    except UnusableImage as damaged:
        workspace.pictures.forget(url)
        return Picture(url, place, reason=str(damaged))
