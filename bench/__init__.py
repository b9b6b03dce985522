"""What one request costs: `make bench` starts the server and measures it.

__main__.py    the whole run: each database, each scenario, each load
deployment.py  a migrated database, clients, people, and `authserver serve` on it
scenarios.py   what is asked of the server, lap by lap, and the budgets
load.py        the clients, in a process of their own
processes.py   CPU time and memory of process trees, read from /proc
baseline.py    a bare WSGI app and a bare RSA signature, for the ratios
report.py      the table, the JSON file and the Markdown
profile.py     one scenario inside one process under a profiler
"""
