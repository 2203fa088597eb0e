"""What gunicorn serves: `gunicorn wsgi:server`."""

import sys

from budget_model.errors import BudgetModelError
from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.services import make_services, open_store

try:
    settings = Settings.from_environment()
except BudgetModelError as refusal:
    sys.exit(f"Cannot start: {refusal}")

server = create_app(settings, make_services(open_store(settings.store))).server
