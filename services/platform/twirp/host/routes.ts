import { TwirpError, TwirpErrorCode } from "twirp-ts";
import type { Logger } from "winston";
import type { CallGate, Entrance } from "./call-gate";
import { type GeneratedServer, openGeneratedServer, type ServerMethod } from "./generated-server";
import { type MethodLimits, type ResolvedLimits, resolveLimits } from "./limits";

/** A generated server and the limits of its methods. */
export interface HostedService extends MethodLimits {
  /** `createUserServiceServer(implementation)`. */
  readonly server: GeneratedServer;
  /** Limits of single methods, by name. */
  readonly methods?: Readonly<Record<string, MethodLimits>>;
}

/** What a contract says of the requests of a method. What is thrown are TwirpErrors: `invalid_argument`, `malformed` and others. */
export interface RequestRules {
  /** Decodes a request from JSON. */
  decodeJson(body: Buffer): object;
  /** Throws when a decoded request is not what the contract says. */
  check(request: object): void;
}

/** A method that the host serves. */
export interface Route {
  /** `/twirp/mcsv.v1.UserService/CreateUser`. */
  readonly path: string;
  readonly method: ServerMethod;
  readonly limits: ResolvedLimits;
  readonly entrance: Entrance;
  /** Undefined where there is no contract. */
  readonly rules: RequestRules | undefined;
  /** Its lines name the method. One for all calls: what differs between calls comes from their async context. */
  readonly logger: Logger;
}

/** Where Twirp paths begin. */
export const TWIRP_PREFIX = "/twirp";

/** What routes are made of. The limits are those of methods and services that have none of their own. */
export interface RouteOptions extends MethodLimits {
  readonly services: readonly HostedService[];
  /** What every call passes before its body is read. */
  readonly gate: CallGate;
  readonly logger: Logger;
  /**
   * Rules for requests, by the full names of the methods (`mcsv.v1.UserService/CreateUser`), which hold before interceptors and
   * implementations run. Every method must have some, unless there are none at all.
   */
  readonly requests?: ReadonlyMap<string, RequestRules>;
}

/**
 * The routes of some services, by path.
 *
 * @throws Error for a service given twice, limits of a method that does not exist, a method without rules, or one that nobody
 *   may call.
 */
export function buildRoutes({
  services,
  gate,
  logger,
  requests,
  ...defaults
}: RouteOptions): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  for (const service of services) {
    const methods = openGeneratedServer(service.server);
    for (const name of Object.keys(service.methods ?? {})) {
      if (!methods.some((method) => method.methodName === name)) {
        throw new Error(`limits for ${name}, which ${service.server.serviceName} does not have`);
      }
    }
    for (const method of methods) {
      const path = `${TWIRP_PREFIX}/${method.fullName}`;
      if (routes.has(path)) {
        throw new Error(`${method.fullName} is hosted twice`);
      }
      if (requests?.has(method.fullName) === false) {
        throw new Error(`the contract has no method ${method.fullName}`);
      }
      routes.set(path, {
        path,
        method,
        limits: resolveLimits(service.methods?.[method.methodName], service, defaults),
        rules: requests?.get(method.fullName),
        entrance: gate.entranceTo(method.fullName),
        logger: logger.child({ rpc_method: method.fullName }),
      });
    }
  }
  return routes;
}

/**
 * The path of a request target: without query string, percent-decoded as in Go's URL.Path, and without scheme and host where
 * the target has the absolute form.
 */
export function pathOf(target: string): string {
  const query = target.indexOf("?");
  let path = query === -1 ? target : target.slice(0, query);
  if (!path.startsWith("/")) {
    path = URL.canParse(path) ? new URL(path).pathname : path;
  }
  return path.includes("%") ? decodePath(path) : path;
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) {
      return path;
    }
    throw error;
  }
}

/** Whether a path is Twirp's to answer: `/twirp` and everything below. */
export function isTwirpPath(path: string): boolean {
  return path.startsWith(TWIRP_PREFIX) && (path.length === TWIRP_PREFIX.length || path[TWIRP_PREFIX.length] === "/");
}

/** The error for a request that no method serves, in the words of Go's server. */
export function badRoute(message: string, method: string, path: string): TwirpError {
  return new TwirpError(TwirpErrorCode.BadRoute, message).withMeta("twirp_invalid_route", `${method} ${path}`);
}

/** The error for a path that is no route. */
export function noHandler(routes: ReadonlyMap<string, Route>, method: string, path: string): TwirpError {
  const segments = path.split("/");
  const tail = segments.slice(-2).join("/");
  const prefix = segments.slice(0, -2).join("/");
  if (prefix !== TWIRP_PREFIX && routes.has(`${TWIRP_PREFIX}/${tail}`)) {
    const message = `invalid path prefix ${quote(prefix)}, expected ${quote(TWIRP_PREFIX)}, on path ${quote(path)}`;
    return badRoute(message, method, path);
  }
  return badRoute(`no handler for path ${quote(path)}`, method, path);
}

/** Quotes a text as Go's %q does, near enough. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
