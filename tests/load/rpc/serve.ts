/**
 * Process of one contender: `node serve.js <contender> <directory of keys>`. Sends `{ port }` when it listens, and answers every message
 * with its CPU time so far, in microseconds.
 */
async function serve(contender: string, keys: string): Promise<number> {
  switch (contender) {
    case "mcsv":
      return (await import("./contenders/mcsv.js")).serve(keys);
    case "raw-http":
      return (await import("./contenders/raw-http.js")).serve();
    case "twirp-ts":
      return (await import("./contenders/twirp-ts.js")).serve();
    case "connect-node":
      return (await import("./contenders/connect-node.js")).serve();
    case "grpc-js":
      return (await import("./contenders/grpc-js.js")).serve();
    default:
      throw new Error(`unknown contender: ${contender}`);
  }
}

void serve(process.argv[2] ?? "", process.argv[3] ?? "").then((port) => {
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicros: user + system });
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.({ port });
});
