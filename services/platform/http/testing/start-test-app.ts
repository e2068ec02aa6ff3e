import { onTestFinished } from "vitest";
import { ClientService } from "../../../../gen/twirp/mcsv/v1/client";
import { recordLog } from "../../../../tests/support/record-log";
import { trustingAuthenticator } from "../../auth/testing/trusting-authenticator";
import { loadContract } from "../../contract/load-contract";
import { createHealth } from "../../health/health";
import { createLifecycle } from "../../lifecycle/lifecycle";
import { createServiceApp, type ServiceAppOptions } from "../create-service-app";
import { listen } from "../listen";

// Read once: it takes longer than everything else here.
const CONTRACT = loadContract(ClientService);

/** The application of a service without RPCs on a port of its own, until the test is over. */
export async function startTestApp(
  options: Partial<ServiceAppOptions> = {},
): Promise<{ readonly url: string; readonly port: number }> {
  const { logger } = recordLog();
  const { lifecycle, stop } = createLifecycle("sample");
  const app = createServiceApp({
    contract: CONTRACT,
    authenticator: trustingAuthenticator(),
    logger,
    health: createHealth(lifecycle),
    twirp: { services: [], logger },
    ...options,
  });
  const { port } = await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle });
  lifecycle.markReady();
  onTestFinished(() => stop("the test is over", 100));
  return { url: `http://127.0.0.1:${port}`, port };
}
