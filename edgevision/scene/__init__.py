"""A drawn car park of which every crossing, box and occupied spot is known."""
