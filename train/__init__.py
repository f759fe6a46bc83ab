"""Training: the recipes, and the commands around them."""

import io
import sys

if isinstance(sys.stdout, io.TextIOWrapper):  # a name that this terminal cannot show is no reason to stop
    sys.stdout.reconfigure(errors="backslashreplace")
