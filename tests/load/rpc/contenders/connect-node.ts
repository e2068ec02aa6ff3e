import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { METHOD } from "../message";
import { listenOnLoopback } from "./listen-on-loopback";

/** connect-node's own server over HTTP/1.1, on protobuf-es. */
export function serve(): Promise<number> {
  const image = execFileSync("buf", ["build", "--output", "-"]);
  const service = createFileRegistry(fromBinary(FileDescriptorSetSchema, image)).getService(METHOD.service);
  if (service === undefined) throw new Error(`${METHOD.service} is not in proto/`);
  const createUser = (request: { email?: unknown; name?: unknown }) => ({
    user: { id: "7d444840-9dc0-11d1-b245-5ffdce74fad2", email: request.email, name: request.name },
  });
  // A service that is read at run time has no static type.
  const implementation = { createUser } as unknown as Partial<ServiceImpl<typeof service>>;
  return listenOnLoopback(
    createServer(connectNodeAdapter({ routes: (router) => router.service(service, implementation) })),
  );
}
