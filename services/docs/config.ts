import { defineConfig } from "../platform/config/define-config";
import { processVariables } from "../platform/config/service-variables";
import { httpUrl, port } from "../platform/config/variables";

/** All that the docs service can be told by its environment. */
export const docsConfig = defineConfig("docs", {
  ...processVariables(8087),
  redocPort: port({ env: "REDOC_PORT", description: "TCP port of Redoc; Swagger UI is at PORT.", default: 8086 }),
  userServiceUrl: serviceUrl("user"),
  jobServiceUrl: serviceUrl("job"),
  emailServiceUrl: serviceUrl("email"),
  imageServiceUrl: serviceUrl("image"),
  clientServiceUrl: serviceUrl("client"),
});

function serviceUrl(service: string) {
  const env = `${service.toUpperCase()}_SERVICE_URL`;
  return httpUrl({ env, description: `Base URL of the ${service} service, whose spec is shown.` });
}
