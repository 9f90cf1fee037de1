"""The steps of `shutdown`, one file each: the request, the look at the host, the plan, the act."""
