"""Every figure that the project publishes, each measured by one file here: `make bench [ONLY=name]`.

A bench is a module here with `figures() -> Iterator[Figure]`. It measures its peer in the same run: on a machine
that is shared with others only ratios mean something. The peers themselves live in `bench/peers/`.
"""
