import { runProcess } from "../../../services/platform/lifecycle/run-process";
import { createLogger } from "../../../services/platform/logging/create-logger";
import { inboxConfig } from "./config";
import { startInbox } from "./start-inbox";

runProcess(inboxConfig, async ({ config, lifecycle }) => {
  const logger = createLogger({ service: "inbox", level: config.logLevel, format: config.logFormat });
  lifecycle.useLogger(logger);
  const { host, smtpPort, httpPort, dataDirectory, maxMessages, maxTotalBytes } = config;
  const inbox = await startInbox({
    host,
    smtpPort,
    httpPort,
    maxMessages,
    maxTotalBytes,
    ...(dataDirectory !== undefined && { dataDirectory }),
    onError: (error) => logger.error("a mail or a request failed", { error }),
  });
  lifecycle.onStop("inbox", () => inbox.close());
  logger.info("receiving mails", { smtp: `smtp://${host}:${smtpPort}`, http: `http://${host}:${httpPort}` });
});
