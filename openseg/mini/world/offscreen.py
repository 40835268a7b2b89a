"""VTK without a display: windows that draw into memory, shadows, and reading pixels back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from openseg.mini.world.scene import Camera
from openseg.types.errors import MissingExtraError

SHADOW_MAP = 1024
"""Side of the shadow map in pixels."""


def pyvista() -> Any:
    """Imports PyVista and proves that OpenGL works.

    Raises:
        MissingExtraError: If a package or the OpenGL library is not installed.
    """
    try:
        import pyvista as module
        from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow
    except ImportError as error:
        raise MissingExtraError(
            f"rendering needs a package that cannot be imported: {error}",
            where="mini world",
            fix="pip install 'openseg[world]'; on Debian also apt-get install libgl1 libegl1",
        ) from error
    with _quiet():
        window = vtkOpenGLRenderWindow()
        window.SetOffScreenRendering(True)
        window.Initialize()
        works = window.IsCurrent()
        window.Finalize()
    if not works:  # a first draw would end the process without a word
        raise MissingExtraError(
            "rendering needs an OpenGL library, and none can be loaded",
            where="mini world",
            fix="on Debian: apt-get install libgl1 libegl1",
        )
    return module


def open_window(width: int, height: int) -> Any:
    """A PyVista plotter that draws into memory, without lights and without smoothing."""
    with _quiet():
        plotter = pyvista().Plotter(off_screen=True, window_size=(width, height), lighting=None)
    plotter.render_window.SetMultiSamples(0)
    return plotter


def shadow_pass() -> Any:
    """A render pass that draws a lit scene with shadows."""
    from vtkmodules.vtkRenderingOpenGL2 import (
        vtkCameraPass,
        vtkRenderPassCollection,
        vtkSequencePass,
        vtkShadowMapBakerPass,
        vtkShadowMapPass,
    )

    baker = vtkShadowMapBakerPass()
    baker.SetResolution(SHADOW_MAP)
    shadows = vtkShadowMapPass()
    shadows.SetShadowMapBakerPass(baker)
    passes = vtkRenderPassCollection()
    passes.AddItem(baker)
    passes.AddItem(shadows)
    sequence = vtkSequencePass()
    sequence.SetPasses(passes)
    camera = vtkCameraPass()
    camera.SetDelegatePass(sequence)
    return camera


def grab(plotter: Any, camera: Camera) -> npt.NDArray[np.uint8]:
    """Draws a plotter's window as a camera sees it and reads its pixels, uint8 [h, w, 3]."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

    eye = plotter.camera
    eye.position, eye.focal_point, eye.up = camera.position, camera.target, (0, 0, 1)
    eye.view_angle = camera.fov
    plotter.renderer.ResetCameraClippingRange()
    window = plotter.render_window
    window.Render()
    width, height = window.GetSize()
    pixels = vtkUnsignedCharArray()
    window.GetPixelData(0, 0, width - 1, height - 1, 0, pixels, 0)
    picture: npt.NDArray[np.uint8] = vtk_to_numpy(pixels).reshape(height, width, 3)[::-1]
    return picture


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps VTK from warning that there is no display, which is how it runs here."""
    from vtkmodules.vtkCommonCore import vtkLogger

    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
    try:
        yield
    finally:
        vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_INFO)
