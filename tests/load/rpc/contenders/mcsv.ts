import { createAuthFiles } from "../../../../deploy/local/auth/create-auth-files";
import { UserService as UserContract } from "../../../../gen/twirp/mcsv/v1/user";
import { createUserServiceServer } from "../../../../gen/twirp/mcsv/v1/user.twirp";
import { loadContract } from "../../../../services/platform/contract/load-contract";
import { createHealth } from "../../../../services/platform/health/health";
import { createServiceApp } from "../../../../services/platform/http/create-service-app";
import { listen } from "../../../../services/platform/http/listen";
import { createLifecycle } from "../../../../services/platform/lifecycle/lifecycle";
import { createLogger } from "../../../../services/platform/logging/create-logger";
import type { CallContext } from "../../../../services/platform/twirp/call-context";
import { authenticatorOf } from "../../../support/auth-files";
import { userServiceOf } from "../user-service";

/**
 * Our whole host as the services run it: Koa, request ids, API keys, validation, limits, deadlines, health; telemetry is not
 * loaded.
 *
 * @param keys directory of the keys of those who may call
 */
export async function serve(keys: string): Promise<number> {
  const { lifecycle } = createLifecycle("user");
  const logger = createLogger({ service: "user", level: "info", format: "json" });
  const authenticator = await authenticatorOf(await createAuthFiles(keys), "user", logger);
  const app = createServiceApp({
    authenticator,
    contract: loadContract(UserContract),
    logger,
    health: createHealth(lifecycle),
    twirp: { services: [{ server: createUserServiceServer(userServiceOf<CallContext>()) }], logger },
  });
  return (await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle })).port;
}
