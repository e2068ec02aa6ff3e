import { Server, ServerCredentials, type ServiceDefinition, type UntypedHandleCall } from "@grpc/grpc-js";
import { EXPORT_PATH, type ExportRequest, exportRequest } from "./otlp-trace";

/** A running OTLP/gRPC receiver. */
export interface TraceReceiver {
  /** The port it listens on. */
  port: number;
  /** Lets exports in flight finish, {@link DRAIN_MS} at most, and stops. */
  close(): Promise<void>;
}

/** Largest export that is taken. */
export const MAX_EXPORT_BYTES = 16 * 1024 * 1024;
const DRAIN_MS = 1_000;

const EXPORT_METHOD = {
  path: EXPORT_PATH,
  requestStream: false,
  responseStream: false,
  requestSerialize: (request: ExportRequest) => Buffer.from(exportRequest.toBinary(request)),
  requestDeserialize: (bytes: Buffer) => exportRequest.fromBinary(bytes, { readUnknownField: false }),
  // ExportTraceServiceResponse with no field set: everything was taken.
  responseSerialize: () => Buffer.alloc(0),
  responseDeserialize: () => ({}),
} as const;

const TRACE_SERVICE: ServiceDefinition = { Export: EXPORT_METHOD };

/**
 * Listens for traces by OTLP/gRPC.
 *
 * @param port 0 for any free one
 * @param receive is given each export, decoded; it is confirmed once this returned
 * @throws when the port is taken
 */
export async function startTraceReceiver(
  { host, port }: { host: string; port: number },
  receive: (request: ExportRequest) => void,
): Promise<TraceReceiver> {
  const server = new Server({ "grpc.max_receive_message_length": MAX_EXPORT_BYTES });
  const handle: UntypedHandleCall = (
    call: { request: ExportRequest },
    answer: (error: Error | null, response?: object) => void,
  ) => {
    receive(call.request);
    answer(null, {});
  };
  server.addService(TRACE_SERVICE, { Export: handle });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `${host.includes(":") ? `[${host}]` : host}:${port}`,
      ServerCredentials.createInsecure(),
      (error, boundPort) => (error === null ? resolve(boundPort) : reject(error)),
    );
  });
  return { port: bound, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, DRAIN_MS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
