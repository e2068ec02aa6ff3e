import { runProcess } from "../../../services/platform/lifecycle/run-process";
import { createLogger } from "../../../services/platform/logging/create-logger";
import { s3Config } from "./config";
import { startS3Server } from "./start-s3-server";

runProcess(s3Config, async ({ config, lifecycle }) => {
  const logger = createLogger({ service: "s3", level: config.logLevel, format: config.logFormat });
  lifecycle.useLogger(logger);
  const { host, port, dataDirectory, accessKeyId, secretAccessKey } = config;
  const server = await startS3Server({
    host,
    port,
    dataDirectory,
    credentials: [{ accessKeyId, secretAccessKey }],
    onError: (error) => logger.error("a request failed", { error }),
  });
  lifecycle.onStop("s3 server", () => server.close());
  logger.info(`listening on ${server.url}`, { data_directory: dataDirectory });
});
