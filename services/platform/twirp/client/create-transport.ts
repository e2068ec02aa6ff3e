import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { metrics } from "@opentelemetry/api";
import type { Rpc } from "twirp-ts";
import { ClientCallMetrics } from "../call-metrics";
import { unavailable } from "../errors";
import { Circuit } from "./circuit";
import { ClientCall } from "./client-call";
import { DecodingPromise } from "./decoding-promise";
import type { Endpoint } from "./http-exchange";
import type { CallOptions, TransportOptions, TwirpTransport } from "./transport-options";

export type { TransportOptions, TwirpTransport } from "./transport-options";

/** Below what common servers keep an idle connection (Node: 5 s), so that one is rarely taken that is just being closed. */
const IDLE_SOCKET_MS = 4_000;

/**
 * Opens a transport to one service: pooled keep-alive connections under generated clients, of protobuf-ts and ts-proto alike.
 *
 * Every failure of a call is a TwirpError. Calls that say they are idempotent are repeated; a service that fails call after
 * call is left alone for a while.
 *
 * @throws TypeError when `baseUrl` is no http or https URL.
 */
export function createTransport(options: TransportOptions): TwirpTransport {
  const { target, logger, maxSockets = 64, maxResponseBytes = 16 * 1024 * 1024 } = options;
  const url = new URL(options.baseUrl);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(`base URL of ${target} must be http or https, not ${url.protocol}`);
  }
  const secure = url.protocol === "https:";
  const agentOptions = { keepAlive: true, maxSockets, scheduling: "lifo", timeout: IDLE_SOCKET_MS } as const;
  const endpoint: Endpoint = {
    secure,
    hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
    agent: secure ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions),
    target,
    maxResponseBytes,
  };
  const settings = {
    endpoint,
    circuit: new Circuit(target, options.circuit ?? {}, logger),
    metrics: new ClientCallMetrics(options.meter ?? metrics.getMeter("mcsv"), endpoint.hostname, endpoint.port),
    logger,
    authorization: options.authorization,
    prefix: pathPrefix(url.pathname),
    timeoutMs: options.timeoutMs ?? 10_000,
    maxAttempts: options.maxAttempts ?? 3,
    retryDelay: { initialMs: 100, maxMs: 2_000, ...options.retryDelay },
  };
  let closed = false;

  const rpc = (call: CallOptions): Rpc => ({
    request(service, method, contentType, data) {
      const answer = closed
        ? Promise.reject(unavailable(`transport to ${target} is closed`))
        : new ClientCall(settings, call, `${service}/${method}`, contentType, data).run();
      return DecodingPromise.of(answer, target);
    },
  });

  return {
    ...rpc({}),
    with: rpc,
    close() {
      closed = true;
      endpoint.agent.destroy();
    },
  };
}

/** Base URLs may, and need not, end in `/twirp`. */
function pathPrefix(pathname: string): string {
  const base = pathname.replace(/\/+$/, "");
  return base.endsWith("/twirp") ? base : `${base}/twirp`;
}
