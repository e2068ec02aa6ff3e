import { verifierVariables } from "../platform/auth/auth-variables";
import { defineConfig } from "../platform/config/define-config";
import { serviceVariables } from "../platform/config/service-variables";
import { integer, secret } from "../platform/config/variables";

/** All that the client service can be told by its environment. */
export const clientConfig = defineConfig("client", {
  ...serviceVariables(4000),
  ...verifierVariables,
  eventsCapacity: integer({
    env: "EVENTS_CAPACITY",
    description: "Callbacks that are kept, and as many alerts; the oldest gives way to the newest.",
    min: 1,
    max: 1_000_000,
    default: 1000,
  }),
  eventsMaxListeners: integer({
    env: "EVENTS_MAX_LISTENERS",
    description: "Most connections that may follow GET /events at once.",
    min: 1,
    max: 10_000,
    default: 100,
  }),
  alertsToken: secret({
    env: "ALERTS_TOKEN",
    description: "Bearer token with which Alertmanager tells of alerts at POST /alerts; unset: nobody can.",
    optional: true,
  }),
});
