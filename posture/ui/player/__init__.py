"""The player: a recording's video and its curve, moving together."""
