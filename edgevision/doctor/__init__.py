"""What `edgevision doctor` looks at. A check is a function that yields findings; it changes nothing."""

from edgevision.doctor.finding import Finding

__all__ = ["Finding"]
