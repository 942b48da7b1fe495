"""What do all tests share? A server started as a user would start it, an engine to ask directly, and how long
hypothesis looks: `quick` each time, `--hypothesis-profile=deep` when there is time.
"""

import os

from hypothesis import HealthCheck, Phase, settings

pytest_plugins = ["tests.server", "tests.engine", "tests.postgres.marquez"]

# An engine lives for a minute here: what its compiler does for a long life would cost a sixth of the time.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")

# The explain phase traces every line on Python 3.11 and takes longer than all else.
phases = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
for name, examples in (("quick", 40), ("deep", 3000)):
    settings.register_profile(
        name, max_examples=examples, deadline=None, suppress_health_check=slow, phases=phases
    )
settings.load_profile("quick")
