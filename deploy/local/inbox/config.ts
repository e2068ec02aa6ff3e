import { defineConfig } from "../../../services/platform/config/define-config";
import { serviceVariables } from "../../../services/platform/config/service-variables";
import { bytes, integer, port, text } from "../../../services/platform/config/variables";

const { host, logLevel, logFormat, shutdownTimeoutMs } = serviceVariables(8025);
const MIB = 1024 * 1024;

/** Settings of the inbox's process. */
export const inboxConfig = defineConfig("inbox", {
  host,
  logLevel,
  logFormat,
  shutdownTimeoutMs,
  smtpPort: port({ env: "INBOX_SMTP_PORT", description: "TCP port that takes mails.", default: 1025 }),
  httpPort: port({ env: "INBOX_HTTP_PORT", description: "TCP port of the REST API and the pages.", default: 8025 }),
  dataDirectory: text({
    env: "INBOX_DATA_DIR",
    description: "Folder that keeps the mails over restarts; without one they are in memory only.",
    optional: true,
  }),
  maxMessages: integer({
    env: "INBOX_MAX_MESSAGES",
    description: "Mails that are kept; beyond it the oldest are dropped.",
    min: 1,
    max: 1_000_000,
    default: 10_000,
  }),
  maxTotalBytes: bytes({
    env: "INBOX_MAX_BYTES",
    description: "Size of all mails that are kept; beyond it the oldest are dropped.",
    min: MIB,
    max: 4096 * MIB,
    default: 128 * MIB,
  }),
});
