"""A page of a day for somebody who answers for a gate, a car park or a shop: numbers, and what they lack."""
