#!/usr/bin/env bash
# Compares the contract with the main branch: `buf breaking`, category FILE.
set -euo pipefail
cd "$(dirname "$0")/../.."
for ref in main origin/main; do
  if commit=$(git rev-parse --quiet --verify "$ref^{commit}"); then
    exec buf breaking --against ".git#ref=$commit"
  fi
done
echo "buf breaking: neither main nor origin/main is in this clone: git fetch origin main" >&2
exit 1
