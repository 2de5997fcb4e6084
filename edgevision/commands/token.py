"""edgevision token: draws a token for the page and the API, and says what of it is to be configured."""

import json
import re
import time
from argparse import Namespace
from datetime import UTC, datetime

from edgevision.errors import ConfigError
from edgevision.settings import NAME
from edgevision.tokens import day, hash_of, new_token

DAY = 86400.0  # s


def run(options: Namespace) -> int:
    if not re.fullmatch(NAME, options.name):
        raise ConfigError(f"--name: expected 1 to 32 letters, digits, - or _, got {options.name!r}")
    try:
        expires = day(datetime.fromtimestamp(time.time() + options.days * DAY, UTC))
    except (ValueError, OverflowError):
        expires = "3000-01-01"
    if expires >= "3000":
        raise ConfigError(f"--days: {options.days} is beyond the year 3000; leave `expires` out for never")
    token = new_token()
    entry = {"name": options.name, "role": options.role, "hash": hash_of(token), "expires": expires}
    if options.json:
        print(json.dumps({"token": token, "entry": entry}))
        return 0
    line = ", ".join(f"{key}: {value!r}".replace("'", "") for key, value in entry.items() if key != "hash")
    print(f"The token, which is shown this once and is nowhere else:\n\n  {token}\n")
    print("What lets it in, for the configuration; it counts from the next start:\n")
    print(f'http:\n  tokens:\n    - {{{line}, hash: "{entry["hash"]}"}}')
    return 0
