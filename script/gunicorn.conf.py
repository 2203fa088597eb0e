"""How gunicorn runs the dashboard. Address and number of workers come from the command line (`serve`)."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

worker_class = "gthread"
threads = 4
preload_app = True
max_requests = 5000
max_requests_jitter = 500
control_socket_disable = True
accesslog = None
loglevel = os.environ.get("LOG_LEVEL", "warning")
timeout = 60
limit_request_line = 8190  # addresses carry what is being tried: up to 7,000 letters
