"""A Ray cluster: how much of it is used, and a pool of actors on it. Engine ``ray`` and the judge ask through one."""
