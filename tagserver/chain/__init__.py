"""Where checkpoints are anchored: one backend a file, each an implementation of `tagserver.ports.anchors`.

Named by the composition root alone, and only those that are configured, so that the others' packages may be missing.
"""
