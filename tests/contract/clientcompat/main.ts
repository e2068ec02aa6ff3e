import { buffer } from "node:stream/consumers";
import { callAsTold } from "./call-as-told";

/** Twirp's clientcompat protocol: one message in, and either a response to stdout or an error code to stderr. */
async function main(): Promise<void> {
  const codec = process.env["CLIENTCOMPAT_CODEC"] ?? "protobuf";
  if (codec !== "protobuf" && codec !== "json") {
    throw new TypeError(`CLIENTCOMPAT_CODEC is ${JSON.stringify(codec)}: must be protobuf or json`);
  }
  const result = await callAsTold(await buffer(process.stdin), codec);
  if ("response" in result) {
    process.stdout.write(result.response);
  } else {
    process.stderr.write(result.errorCode);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`clientcompat: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
