"""What looks show of objects."""

from openseg.ops.scenes.sights.counted import Eye as Eye
from openseg.ops.scenes.sights.counted import Sight as Sight
from openseg.ops.scenes.sights.counted import instance_views as instance_views
