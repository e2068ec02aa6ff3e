import { clientConfig } from "../../../services/client/config";
import { docsConfig } from "../../../services/docs/config";
import { emailConfig } from "../../../services/email/config";
import { imageConfig } from "../../../services/image/config";
import { jobConfig } from "../../../services/job/config";
import type { ConfigDefinition } from "../../../services/platform/config/define-config";
import { userConfig } from "../../../services/user/config";
import type { ServiceProcess } from "./components";

/** How each service is configured. */
export const SERVICE_CONFIGS: Readonly<Record<ServiceProcess, ConfigDefinition>> = {
  client: clientConfig,
  user: userConfig,
  job: jobConfig,
  email: emailConfig,
  image: imageConfig,
  docs: docsConfig,
};

/** Whether a variable steers services, and not the machine in general as PATH does. */
function isForServices(name: string): boolean {
  return name.startsWith("OTEL_") || Object.values(SERVICE_CONFIGS).some((config) => namesOf(config).has(name));
}

function namesOf(config: ConfigDefinition): Set<string> {
  return new Set(Object.values(config.variables).map((variable) => variable.env));
}

/** The rest of a caller's environment: what every process of the stack inherits. */
export function inherited(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isForServices(name)));
}

/**
 * What a caller of `make up` sets for a service: `LOG_LEVEL=debug make up`. Of its environment, the variables that the
 * service reads, and OpenTelemetry's; an empty one is as good as none. Kept apart from the rest so that a later `make up` sees when one has changed.
 */
export function passedOn(service: ServiceProcess, env: NodeJS.ProcessEnv): Record<string, string> {
  const names = namesOf(SERVICE_CONFIGS[service]);
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value !== "" && (names.has(name) || name.startsWith("OTEL_"))) passed[name] = value;
  }
  return passed;
}
