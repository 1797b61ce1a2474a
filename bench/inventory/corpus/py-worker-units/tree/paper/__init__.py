from paper.constants import *  # noqa: F403
