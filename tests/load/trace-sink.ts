import { Server, ServerCredentials } from "@grpc/grpc-js";

/** A collector that takes spans by OTLP/gRPC and throws them away, so that what is measured beside it is the sender alone. */
export interface TraceSink {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  /** How many bytes of spans have come so far. */
  readonly receivedBytes: number;
  close(): void;
}

const EXPORT = {
  path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
  requestStream: false,
  responseStream: false,
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  // ExportTraceServiceResponse with no field set: everything was taken.
  responseSerialize: (bytes: Buffer) => bytes,
  responseDeserialize: (bytes: Buffer) => bytes,
} as const;

/** Listens on a free port of the loopback interface. */
export async function startTraceSink(): Promise<TraceSink> {
  const server = new Server();
  let receivedBytes = 0;
  server.addService(
    { Export: EXPORT },
    {
      Export: (call: { request: Buffer }, reply: (error: null, value: Buffer) => void) => {
        receivedBytes += call.request.length;
        reply(null, Buffer.alloc(0));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    endpoint: `http://127.0.0.1:${port}`,
    get receivedBytes() {
      return receivedBytes;
    },
    close: () => server.forceShutdown(),
  };
}
