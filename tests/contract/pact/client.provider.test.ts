import { afterAll, beforeAll, describe, it } from "vitest";
import type { AuthFiles } from "../../../deploy/local/auth/create-auth-files";
import { ClientService as ClientServiceType } from "../../../gen/twirp/mcsv/v1/client";
import { createClientServiceServer } from "../../../gen/twirp/mcsv/v1/client.twirp";
import { ClientService } from "../../../services/client/client-service";
import { EventLog } from "../../../services/client/event-log";
import { loadContract } from "../../../services/platform/contract/load-contract";
import { createHealth } from "../../../services/platform/health/health";
import { createServiceApp } from "../../../services/platform/http/create-service-app";
import { listen } from "../../../services/platform/http/listen";
import { createLifecycle } from "../../../services/platform/lifecycle/lifecycle";
import { authenticatorOf, createTestAuthFiles } from "../../support/auth-files";
import { recordLog } from "../../support/record-log";
import { CODECS, verifyPact } from "./verify-pacts";

describe("the client service keeps its pact", () => {
  const { logger } = recordLog();
  const owned = createLifecycle("client");
  const { lifecycle } = owned;
  let url: string;
  let auth: AuthFiles;
  beforeAll(async () => {
    auth = await createTestAuthFiles(lifecycle.onStop);
    const server = createClientServiceServer(new ClientService(new EventLog(10)));
    const health = createHealth(lifecycle);
    const authenticator = await authenticatorOf(auth, "client", logger);
    const app = createServiceApp({
      authenticator,
      contract: loadContract(ClientServiceType),
      logger,
      health,
      twirp: { services: [{ server }], logger },
    });
    const { port } = await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle });
    url = `http://127.0.0.1:${port}`;
  });
  afterAll(() => owned.stop("test", 1_000));

  it.each(CODECS)("with user, spoken to in %s", async (codec) => {
    await verifyPact({
      consumer: "user",
      auth,
      provider: "client",
      url,
      service: ClientServiceType,
      codec,
      states: {},
    });
  });
});
