import { startS3Server } from "./start-s3-server";

/** Process of the local stack: S3_PORT, S3_HOST, S3_DATA_DIR, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY. */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const required = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === "") {
      throw new Error(`${name} is required`);
    }
    return value;
  };
  const server = await startS3Server({
    port: Number(env["S3_PORT"] ?? "9000"),
    host: env["S3_HOST"] ?? "127.0.0.1",
    dataDirectory: required("S3_DATA_DIR"),
    credentials: [{ accessKeyId: required("S3_ACCESS_KEY_ID"), secretAccessKey: required("S3_SECRET_ACCESS_KEY") }],
    onError: (cause) =>
      process.stderr.write(`${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`),
  });
  process.stdout.write(`s3 listens on ${server.url}\n`);
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stopping) {
        process.exit(1);
      }
      stopping = true;
      server.close().then(
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
