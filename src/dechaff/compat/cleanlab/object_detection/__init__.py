"""cleanlab's ``object_detection``, over `dechaff.labels.find_box_errors`: quality is one minus the doubt."""

from dechaff.compat.cleanlab.object_detection import filter as filter
from dechaff.compat.cleanlab.object_detection import rank as rank
from dechaff.compat.cleanlab.object_detection import summary as summary
