"""VTK without a display: windows that draw into memory, shadows, and reading pixels back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.scene import Camera
from openseg.types.errors import MissingExtraError

NEAR, FAR = 0.05, 40.0
"""Distances of the clipping planes in metres."""

_SHADOW_SHARPNESS = 80.0  # VTK's 11 lets light leak in under things


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
            where="mini rooms",
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
            where="mini rooms",
            fix="on Debian: apt-get install libgl1 libegl1",
        )
    return module


def open_window(width: int, height: int) -> Any:
    """A PyVista plotter that draws into memory, without lights and without smoothing."""
    with _quiet():
        plotter = pyvista().Plotter(off_screen=True, window_size=(width, height), lighting=None)
    plotter.render_window.SetMultiSamples(0)
    plotter.set_background("black")
    return plotter


def shadow_pass() -> tuple[Any, Any]:
    """A render pass that draws a lit scene with shadows, and what bakes its shadow map."""
    from vtkmodules.vtkRenderingOpenGL2 import (
        vtkCameraPass,
        vtkRenderPassCollection,
        vtkSequencePass,
        vtkShadowMapBakerPass,
        vtkShadowMapPass,
    )

    baker = vtkShadowMapBakerPass()
    baker.SetExponentialConstant(_SHADOW_SHARPNESS)
    shadows = vtkShadowMapPass()
    shadows.SetShadowMapBakerPass(baker)
    passes = vtkRenderPassCollection()
    passes.AddItem(baker)
    passes.AddItem(shadows)
    sequence = vtkSequencePass()
    sequence.SetPasses(passes)
    camera = vtkCameraPass()
    camera.SetDelegatePass(sequence)
    return camera, baker


def aim(plotter: Any, camera: Camera, fov: float) -> None:
    """Puts a plotter's camera where ours is, with a vertical angle of view in degrees."""
    eye = plotter.camera
    eye.position, eye.focal_point, eye.up = camera.position, camera.target, (0, 0, 1)
    eye.view_angle = fov
    eye.clipping_range = (NEAR, FAR)


def draw(plotter: Any) -> npt.NDArray[np.uint8]:
    """Draws a plotter's window and reads its pixels, uint8 [h, w, 3]."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

    window = plotter.render_window
    window.Render()
    width, height = window.GetSize()
    pixels = vtkUnsignedCharArray()
    window.GetPixelData(0, 0, width - 1, height - 1, 0, pixels, 0)
    picture: npt.NDArray[np.uint8] = vtk_to_numpy(pixels).reshape(height, width, 3)[::-1]
    return picture


def depth(plotter: Any) -> npt.NDArray[np.float32]:
    """Distances along the optical axis in what was drawn last, float32 [h, w]; 0 is nothing."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkFloatArray

    window = plotter.render_window
    width, height = window.GetSize()
    buffer = vtkFloatArray()
    window.GetZbufferData(0, 0, width - 1, height - 1, buffer)
    z = vtk_to_numpy(buffer).reshape(height, width)[::-1].astype(np.float64)
    metres = NEAR * FAR / (FAR - z * (FAR - NEAR))
    return np.where(z < 1, metres, 0).astype(np.float32)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps VTK from warning that there is no display, which is how it runs here."""
    from vtkmodules.vtkCommonCore import vtkLogger

    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_OFF)
    try:
        yield
    finally:
        vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_INFO)
