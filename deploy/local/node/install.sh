#!/usr/bin/env bash
# Installs the dependencies. Where the machine's Node.js is older than the version given (major.minor), brings the
# project's own from the registry first and links it into node_modules/.bin, where npm's scripts and make find it.
# Usage: install.sh 22.15
set -euo pipefail
cd "$(dirname "$0")/../../.."
own=deploy/local/node/node_modules/.bin
wanted=$1

# A link of an earlier run must not pass for the machine's Node.js.
PATH=${PATH//"$PWD/node_modules/.bin:"/}

is_new_enough() {
  local have
  have=$(node --version 2>/dev/null) || return 1
  [ "$(printf '%s\n%s\n' "$wanted" "${have#v}" | sort -V | head -n 1)" = "$wanted" ]
}

command -v npm >/dev/null || { echo "npm is not installed: install Node.js with npm (Debian: apt-get install nodejs npm)" >&2; exit 1; }
if ! is_new_enough; then
  echo "Node.js $(node --version) is older than $wanted: bringing the project's own"
  npm ci --prefix deploy/local/node --no-audit --no-fund --loglevel=error
  PATH=$PWD/$own:$PATH
  is_new_enough || { echo "no Node.js >= $wanted for $(uname -sm) on the registry: install one and run make again" >&2; exit 1; }
fi
npm ci --no-audit --no-fund --loglevel=error
if [ -x "$own/node" ]; then ln -sf "../../$own/node" node_modules/.bin/node; fi
echo "Node.js $(node --version), dependencies installed"
