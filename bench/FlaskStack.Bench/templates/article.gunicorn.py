import multiprocessing

debug = True
loglevel = "debug"
bind = "127.0.0.1:${tcp-gunicorn}"
pidfile = "${folder}/gunicorn.pid"
accesslog = "${folder}/access.log"
errorlog = "${folder}/debug.log"
logfile = "${folder}/debug.log"
workers = multiprocessing.cpu_count() * 2 + 1
worker_class = "gevent"
x_forwarded_for_header = "X-FORWARDED-FOR"
