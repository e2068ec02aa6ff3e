#!/bin/sh
# configure.sh <alertmanager.yml> <directory of secrets>: prints the configuration without the receivers that have no secret of
# their own.
set -eu
config=$1
secrets=$2

# A webhook's address is a secret too, and Alertmanager takes it from no file.
webhook=$(cat "$secrets/alert_webhook_url" 2>/dev/null || true)
script="s|/run/secrets|$secrets|"
[ -s "$secrets/slack_webhook_url" ] || script="$script;/# slack\$/d"
[ -s "$secrets/pagerduty_routing_key" ] || script="$script;/# pagerduty\$/d"
if [ -n "$webhook" ]; then
  escaped=$(printf %s "$webhook" | sed 's/[&|\\;]/\\&/g')
  script="$script;s|http://webhook.invalid/|$escaped|"
else
  script="$script;/# webhook\$/d"
fi
exec sed "$script" "$config"
