# Python's requests, which asks the environment for a proxy and for a key log.
import sys

import requests

print(requests.get(sys.argv[1], verify=sys.argv[2]).text.strip())
