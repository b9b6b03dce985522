"""What a worker process of `serve` loads: the application, and what works beside it."""

import gc
import signal
from multiprocessing.util import Finalize

from authserver.app import create_app
from authserver.cli.stopping import Beside, Stopping, stop_all
from authserver.config import load
from authserver.http import logs, waiting
from authserver.http.delivery import Delivery
from authserver.http.notifying import Notifying

# Ctrl-C reaches all that hang on the terminal.  The parent passes it on as TERM, and a
# worker that is told twice, in two ways, may never end (granian 2.8).  Blocked before
# any thread begins: a thread takes on the mask of the one that starts it.
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})

settings = load()
logs.configure(settings.log_level)
app = create_app(settings)
# What is there now stays: a search for garbage need not walk through it each time,
# and goes out less often than after every 700 new objects, a few requests' worth.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
room = waiting.open_room(app, settings.threads)
Stopping(room.stop).start()
threads: list[Beside] = [Delivery(app), Notifying(app)]
if settings.mtls_port:
    from authserver.cli.mutual_tls import MutualTls

    threads.append(MutualTls(app, settings))
for thread in threads:
    thread.start()
# A worker is a child of multiprocessing, which ends without handlers of `atexit`.
Finalize(None, stop_all, args=(threads,), exitpriority=1)
