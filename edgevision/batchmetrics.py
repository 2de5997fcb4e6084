"""How many pictures the networks' runs take: the metric of it."""

from prometheus_client import CollectorRegistry, Histogram

BUCKETS = (1, 2, 4, 8, 16, 32, 64)  # pictures


def batch_sizes(registry: CollectorRegistry) -> Histogram:
    return Histogram(
        "edgevision_batch_size",
        "Pictures that a run of a network took at once.",
        ["model"],
        buckets=BUCKETS,
        registry=registry,
    )
