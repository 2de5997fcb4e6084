"""What `import edgevision` gives to a program or a notebook: the parts of the service, one call each.

Nothing here works in another way than the service does: a name is either a part of it, or makes one.
"""
