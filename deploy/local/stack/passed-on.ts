import { clientConfig } from "../../../services/client/config";
import { emailConfig } from "../../../services/email/config";
import { imageConfig } from "../../../services/image/config";
import { jobConfig } from "../../../services/job/config";
import type { ConfigDefinition } from "../../../services/platform/config/define-config";
import { userConfig } from "../../../services/user/config";
import type { ServiceName } from "./components";

const CONFIGS: Readonly<Record<ServiceName, ConfigDefinition>> = {
  client: clientConfig,
  user: userConfig,
  job: jobConfig,
  email: emailConfig,
  image: imageConfig,
};

/**
 * What a caller of `make up` sets for a service: `LOG_LEVEL=debug make up`. Of its environment, the variables that the
 * service reads, and OpenTelemetry's. Kept apart from the rest so that a later `make up` sees when one has changed.
 */
export function passedOn(service: ServiceName, env: NodeJS.ProcessEnv): Record<string, string> {
  const names = new Set(Object.values(CONFIGS[service].variables).map((variable) => variable.env));
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (names.has(name) || name.startsWith("OTEL_"))) passed[name] = value;
  }
  return passed;
}
