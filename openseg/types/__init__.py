"""What travels along the edges of a method's graph: one small frozen value type each.

None of these modules imports torch when imported, so that a method is checked in milliseconds.
"""

from openseg.types.camera import Camera
from openseg.types.concepts import Concept, Concepts
from openseg.types.descriptions import Answer, Descriptions
from openseg.types.embeddings import (
    FeatureAdapter,
    FeatureMap,
    Neighbours,
    RegionEmbeddings,
    Similarity,
    TextEmbeddings,
)
from openseg.types.exemplars import Exemplars
from openseg.types.heatmaps import Heatmaps
from openseg.types.image import Image
from openseg.types.parse import ParsedPhrase, ParsedQuery, ParsedWord
from openseg.types.regions import Boxes, Masks, Points, Rows, Scores
from openseg.types.scenes.frames import Frame, Frames
from openseg.types.scenes.instances3d import Instances3D
from openseg.types.scenes.point_cloud import PointCloud
from openseg.types.scenes.sightings import InstanceViews, Sightings
from openseg.types.scenes.superpoints import Superpoints
from openseg.types.scenes.view_regions import ViewMasks, ViewRegions
from openseg.types.templates import Template, Templates
from openseg.types.text import Phrase, Phrases, TextQuery

EDGE_TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Boxes,
        Camera,
        Concepts,
        Descriptions,
        Exemplars,
        FeatureAdapter,
        FeatureMap,
        Frames,
        Heatmaps,
        Image,
        InstanceViews,
        Instances3D,
        Masks,
        Neighbours,
        ParsedQuery,
        Phrases,
        PointCloud,
        Points,
        RegionEmbeddings,
        Rows,
        Scores,
        Similarity,
        Superpoints,
        Templates,
        TextEmbeddings,
        TextQuery,
        ViewMasks,
        ViewRegions,
    )
}
"""Every type a method's YAML can name, by its name there."""

__all__ = [
    "EDGE_TYPES",
    "Answer",
    "Boxes",
    "Camera",
    "Concept",
    "Concepts",
    "Descriptions",
    "Exemplars",
    "FeatureAdapter",
    "FeatureMap",
    "Frame",
    "Frames",
    "Heatmaps",
    "Image",
    "InstanceViews",
    "Instances3D",
    "Masks",
    "Neighbours",
    "ParsedPhrase",
    "ParsedQuery",
    "ParsedWord",
    "Phrase",
    "Phrases",
    "PointCloud",
    "Points",
    "RegionEmbeddings",
    "Rows",
    "Scores",
    "Sightings",
    "Similarity",
    "Superpoints",
    "Template",
    "Templates",
    "TextEmbeddings",
    "TextQuery",
    "ViewMasks",
    "ViewRegions",
]
