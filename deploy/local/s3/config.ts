import { defineConfig } from "../../../services/platform/config/define-config";
import { serviceVariables } from "../../../services/platform/config/service-variables";
import { port, secret, text } from "../../../services/platform/config/variables";

const { host, logLevel, logFormat, shutdownTimeoutMs } = serviceVariables(9000);

/** Settings of the S3 server's process. */
export const s3Config = defineConfig("s3", {
  host,
  logLevel,
  logFormat,
  shutdownTimeoutMs,
  port: port({ env: "S3_PORT", description: "TCP port to listen on.", default: 9000 }),
  dataDirectory: text({ env: "S3_DATA_DIR", description: "Folder that holds everything; no other server may use it." }),
  accessKeyId: text({ env: "S3_ACCESS_KEY_ID", description: "Name of the key that may use the server." }),
  secretAccessKey: secret({ env: "S3_SECRET_ACCESS_KEY", description: "The key." }),
});
