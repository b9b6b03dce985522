"""What a worker process of `serve` loads: the application, and the mail thread."""

import atexit

from authserver.app import create_app
from authserver.config import load
from authserver.http import logs
from authserver.http.delivery import Delivery

settings = load()
logs.configure(settings.log_level)
app = create_app(settings)
delivery = Delivery(app)
delivery.start()
atexit.register(delivery.stop)
