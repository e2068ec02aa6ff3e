import type { Interceptor, ServerHooks, TwirpContentType } from "twirp-ts";
import type { CallContext } from "../call-context";

/** What protoc-gen-twirp_ts generates: `createUserServiceServer(implementation)`, seen by what is public of it. */
export interface GeneratedServer {
  readonly packageName: string;
  readonly serviceName: string;
  readonly methodList: readonly PropertyKey[];
  matchingPath(): RegExp;
  baseURI(): string;
}

/** Interceptor of any method of a server. */
export type AnyInterceptor = Interceptor<CallContext, unknown, unknown>;

/** Runs what comes after decoding and before encoding: interceptors and the implementation. */
export type Invoke = (request: object) => Promise<unknown>;

/** A method of a generated server: its codec and its implementation, each on its own. */
export interface ServerMethod {
  /** `mcsv.v1.UserService/CreateUser`. */
  readonly fullName: string;
  readonly packageName: string;
  readonly serviceName: string;
  readonly methodName: string;
  /** Decodes the body, calls `invoke` with the request and encodes what it returns. Rejects when any of the three does. */
  run(contentType: TwirpContentType, body: Buffer, invoke: Invoke): Promise<string | Uint8Array>;
  /** Calls the implementation. */
  implementation(context: CallContext, request: unknown): unknown;
  /** Interceptors added by `server.use`, also after the server was mounted. */
  readonly interceptors: readonly AnyInterceptor[];
  /** Hooks added by `server.use`, likewise. */
  readonly hooks: readonly ServerHooks<CallContext>[];
}

/** The part of the context that generated code looks at. */
interface CodecContext {
  readonly contentType: TwirpContentType;
  readonly invoke: Invoke;
}

type Handler = (
  context: CodecContext,
  service: Record<string, (context: CodecContext, request: object) => Promise<unknown>>,
  body: Buffer,
) => Promise<string | Uint8Array>;

/** What TwirpServer of twirp-ts 2.5.0 keeps private. The only place of this project that knows it. */
interface Internals {
  readonly matchRoute: (method: string, events: { onMatch(): void; onNotFound(): void }) => Handler;
  readonly service: Record<string, ((context: CallContext, request: unknown) => unknown) | undefined>;
  readonly interceptors: readonly AnyInterceptor[];
  readonly hooks: readonly ServerHooks<CallContext>[];
}

/**
 * Opens a generated server.
 *
 * Its own HTTP handler is not used: it buffers bodies without limit, compares media types exactly, puts messages of unknown
 * errors on the wire and ends the process on unknown codes. What is used is the generated code that picks a method, decodes
 * and encodes. It takes the implementation as a parameter, so that one of ours goes in that hands the decoded request to
 * `invoke`: the real implementation then gets our context, which the generated code would copy and so evaluate.
 *
 * @throws Error when the server is not of the shape that twirp-ts 2.5.0 makes.
 */
export function openGeneratedServer(server: GeneratedServer): readonly ServerMethod[] {
  const internals = internalsOf(server);
  const service = server.packageName === "" ? server.serviceName : `${server.packageName}.${server.serviceName}`;
  return server.methodList.map((name): ServerMethod => {
    const methodName = String(name);
    const handle = internals.matchRoute(methodName, {
      onMatch: () => undefined,
      onNotFound: () => {
        throw new Error(`${service} lists a method ${methodName} that it cannot route`);
      },
    });
    const codecService = { [methodName]: (context: CodecContext, request: object) => context.invoke(request) };
    return {
      fullName: `${service}/${methodName}`,
      packageName: server.packageName,
      serviceName: server.serviceName,
      methodName,
      run: (contentType, body, invoke) => handle({ contentType, invoke }, codecService, body),
      implementation: (context, request) => {
        const implementation = internals.service[methodName];
        if (implementation === undefined) {
          throw new TypeError(`${service} has no implementation of ${methodName}`);
        }
        return implementation.call(internals.service, context, request);
      },
      interceptors: internals.interceptors,
      hooks: internals.hooks,
    };
  });
}

function internalsOf(server: GeneratedServer): Internals {
  const internals = server as unknown as Partial<Internals>;
  if (
    typeof internals.matchRoute !== "function" ||
    typeof internals.service !== "object" ||
    !Array.isArray(internals.interceptors) ||
    !Array.isArray(internals.hooks)
  ) {
    throw new Error(`${server.serviceName} is not a server generated for twirp-ts 2.5`);
  }
  return internals as Internals;
}
