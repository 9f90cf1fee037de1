"""Which process on that Windows host is behind this traffic, and can I stop it?"""
