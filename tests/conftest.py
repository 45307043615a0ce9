"""What every test shares: no network but loopback, and the fixtures of real parts."""

from tests.network import forbid_other_hosts

pytest_plugins = ["tests.chains", "tests.postgres", "tests.shop", "tests.tsa"]

forbid_other_hosts()
