"""Pictures, depth and label maps of scenes, drawn by VTK on the CPU without a display."""

from openseg.mini.rooms.render.renderer import Renderer
from openseg.mini.rooms.render.view import View

__all__ = ["Renderer", "View"]
