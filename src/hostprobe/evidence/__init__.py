"""One file for each kind of evidence that is read offline; pure: lines in, records out."""
