import { startInbox } from "./start-inbox";

/** Process of the local stack: INBOX_SMTP_PORT, INBOX_HTTP_PORT, INBOX_HOST, INBOX_DATA_DIR. */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const host = env["INBOX_HOST"] ?? "127.0.0.1";
  const dataDirectory = env["INBOX_DATA_DIR"];
  const inbox = await startInbox({
    smtpPort: Number(env["INBOX_SMTP_PORT"] ?? "1025"),
    httpPort: Number(env["INBOX_HTTP_PORT"] ?? "8025"),
    host,
    ...(dataDirectory !== undefined && dataDirectory !== "" && { dataDirectory }),
    onError: (cause) =>
      process.stderr.write(`${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`),
  });
  process.stdout.write(`inbox listens on smtp://${host}:${inbox.smtpPort} and http://${host}:${inbox.httpPort}\n`);
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) {
        process.exit(1);
      }
      stopping = true;
      inbox.close().then(
        () => process.exit(0),
        (cause: unknown) => {
          process.stderr.write(`${String(cause)}\n`);
          process.exit(1);
        },
      );
    });
  }
}

main(process.env).catch((cause: unknown) => {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = 1;
});
