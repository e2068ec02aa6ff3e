import { UserServiceClientJSON, UserServiceClientProtobuf } from "../../../gen/twirp/mcsv/v1/user.twirp";
import { noteSubject } from "../http/request-context";
import { metricsMiddleware } from "../telemetry/metrics-handler";
import { shutdownTelemetry } from "../telemetry/shutdown-telemetry";
import { captureTrace, traceIdOf } from "../telemetry/trace-carrier";
import { withSpan } from "../telemetry/with-span";
import { createTransport } from "./client/create-transport";
import { notFound, unavailable } from "./errors";
import { send } from "./testing/send";
import { startHost } from "./testing/start-host";

/** Calls of every outcome within one trace; prints the trace's id and what was measured. Run with the telemetry bootstrap. */
async function main(): Promise<void> {
  let attempts = 0;
  const cause = new RangeError("cannot read http://store/key?X-Amz-Signature=0123");
  const host = await startHost(
    {
      async GetUser() {
        noteSubject({ userId: "u-1" });
        await new UserServiceClientJSON(transport).CreateUser({ idempotencyKey: "", email: "", name: "" });
        return {};
      },
      CreateUser: () => Promise.reject(notFound("no such thing")),
      GetConversion() {
        attempts += 1;
        return attempts < 3 ? Promise.reject(unavailable("not yet", cause)) : Promise.resolve({});
      },
    },
    { outside: metricsMiddleware() },
  );
  const transport = createTransport({ baseUrl: host.url, target: "user", retryDelay: { initialMs: 1, maxMs: 1 } });
  const traceId = await withSpan("caller", {}, async () => {
    const client = new UserServiceClientProtobuf(transport.with({ idempotent: true }));
    await client.GetUser({ key: { oneofKind: "id", id: "1" } }).catch(() => undefined);
    await client.GetConversion({ conversionId: "1" });
    await send(host.port, "/twirp/nothing");
    return traceIdOf(captureTrace());
  });
  const metrics = await send(host.port, "/metrics", { method: "GET" });
  process.stdout.write(JSON.stringify({ traceId, metrics: metrics.body.toString() }));
  transport.close();
  await host.close();
  await shutdownTelemetry();
}

void main();
