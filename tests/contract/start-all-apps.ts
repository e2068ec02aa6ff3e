import { randomUUID } from "node:crypto";
import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import type { AuthFiles } from "../../deploy/local/auth/create-auth-files";
import type { ServiceName } from "../../deploy/local/stack/components";
import { ClientService as ClientContract } from "../../gen/twirp/mcsv/v1/client";
import { createClientServiceServer } from "../../gen/twirp/mcsv/v1/client.twirp";
import { EmailService as EmailContract } from "../../gen/twirp/mcsv/v1/email";
import { createEmailServiceServer } from "../../gen/twirp/mcsv/v1/email.twirp";
import { ImageService as ImageContract } from "../../gen/twirp/mcsv/v1/image";
import { createImageServiceServer } from "../../gen/twirp/mcsv/v1/image.twirp";
import { JobService as JobContract } from "../../gen/twirp/mcsv/v1/job";
import { createJobServiceServer } from "../../gen/twirp/mcsv/v1/job.twirp";
import { UserService as UserContract } from "../../gen/twirp/mcsv/v1/user";
import { createUserServiceServer } from "../../gen/twirp/mcsv/v1/user.twirp";
import { ClientService } from "../../services/client/client-service";
import { EventLog } from "../../services/client/event-log";
import { createRoutes } from "../../services/client/routes";
import { EmailService } from "../../services/email/email-service";
import { ImageService } from "../../services/image/image-service";
import { JobService } from "../../services/job/job-service";
import { loadContract, type ServiceContract } from "../../services/platform/contract/load-contract";
import { createHealth } from "../../services/platform/health/health";
import { createServiceApp } from "../../services/platform/http/create-service-app";
import { listen } from "../../services/platform/http/listen";
import { createLifecycle } from "../../services/platform/lifecycle/lifecycle";
import type { CallContext } from "../../services/platform/twirp/call-context";
import { unavailable } from "../../services/platform/twirp/errors";
import type { HostedService } from "../../services/platform/twirp/host/routes";
import { UserService } from "../../services/user/user-service";
import { authenticatorOf, createTestAuthFiles } from "../support/auth-files";
import { recordLog } from "../support/record-log";

/** A service that listens. */
export interface RunningApp {
  readonly service: ServiceName;
  readonly contract: ServiceInfo;
  /** What its spec says. */
  readonly spec: ServiceContract;
  readonly port: number;
  /** Its log so far: JSON lines. */
  readonly log: readonly string[];
}

/** All five services. */
export interface RunningApps {
  /** The keys that they share. */
  readonly auth: AuthFiles;
  readonly apps: readonly RunningApp[];
  stop(): Promise<void>;
}

/**
 * Starts the Koa applications of all five services on free ports, with their real implementations. What would ask a database,
 * an SMTP server or an object store finds it away: a request that is valid is answered `unavailable`, at the client service
 * with 200.
 *
 * @param options.auth keys of the services; some of their own unless given
 */
export async function startAllApps(options: { auth?: AuthFiles } = {}): Promise<RunningApps> {
  const owned = createLifecycle("contract");
  const auth = options.auth ?? (await createTestAuthFiles(owned.lifecycle.onStop));
  const apps: RunningApp[] = [];
  for (const { service, contract, hosted } of hostedServices()) {
    const { logger, lines } = recordLog();
    const spec = loadContract(contract);
    const app = createServiceApp({
      contract: spec,
      authenticator: await authenticatorOf(auth, service, logger),
      logger,
      health: createHealth(owned.lifecycle),
      twirp: { services: [hosted], logger },
      ...(service === "client" ? { routes: clientRoutes(owned.lifecycle.stopping) } : {}),
    });
    const { port } = await listen(app, { host: "127.0.0.1", port: 0, logger, lifecycle: owned.lifecycle });
    apps.push({ service, contract, spec, port, log: lines });
  }
  owned.lifecycle.markReady();
  return { auth, apps, stop: () => owned.stop("test", 5_000) };
}

interface ServiceUnderTest {
  readonly service: ServiceName;
  readonly contract: ServiceInfo;
  readonly hosted: HostedService;
}

function hostedServices(): readonly ServiceUnderTest[] {
  return [
    {
      service: "client",
      contract: ClientContract,
      hosted: { server: createClientServiceServer<CallContext>(new ClientService(new EventLog(10))) },
    },
    {
      service: "user",
      contract: UserContract,
      hosted: {
        server: createUserServiceServer<CallContext>(new UserService(away())),
      },
    },
    {
      service: "job",
      contract: JobContract,
      hosted: { server: createJobServiceServer<CallContext>(new JobService(away(), 1)) },
    },
    {
      service: "email",
      contract: EmailContract,
      hosted: { server: createEmailServiceServer<CallContext>(new EmailService(away())) },
    },
    {
      service: "image",
      contract: ImageContract,
      hosted: { server: createImageServiceServer<CallContext>(new ImageService(away(IMAGE_ORIGIN))) },
    },
  ];
}

/** Where the image service may read from. */
const IMAGE_ORIGIN = { origin: { endpoint: "http://127.0.0.1:9000", bucket: "mcsv" } };

function clientRoutes(stopping: AbortSignal) {
  return createRoutes({ events: new EventLog(10), processId: randomUUID(), maxListeners: 2, stopping });
}

/** A dependency, and everything below it, that is not there: whatever is called rejects with `unavailable`. */
function away<T extends object>(present: object = {}): T {
  const dependency: object = new Proxy(() => undefined, {
    get: (_target, property) => (Reflect.has(present, property) ? Reflect.get(present, property) : member(property)),
    apply: () => Promise.reject(unavailable("this test has no such thing")),
  });
  const member = (property: PropertyKey) =>
    property === "then" || typeof property === "symbol" ? undefined : dependency;
  return dependency as T;
}
