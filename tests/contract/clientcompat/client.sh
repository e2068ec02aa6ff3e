#!/usr/bin/env bash
# The client under test, as one executable file: what the runner of Twirp's clientcompat suite starts for every case.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
export PATH="$root/node_modules/.bin:$PATH"
exec node "$root/dist/tests/contract/clientcompat/main.js"
