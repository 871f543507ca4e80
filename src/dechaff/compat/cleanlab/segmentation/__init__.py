"""cleanlab's ``segmentation``: pixels whose label is probably wrong, and images by their pixels."""

from dechaff.compat.cleanlab.segmentation import filter as filter
from dechaff.compat.cleanlab.segmentation import rank as rank
from dechaff.compat.cleanlab.segmentation import summary as summary
