"""One file, or folder, for each kind of evidence that is read offline: lines in, records out.

All of it is pure but `capture`, which starts tshark.
"""
