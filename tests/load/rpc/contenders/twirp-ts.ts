import { createServer } from "node:http";
import { createUserServiceServer } from "../../../../gen/twirp/mcsv/v1/user.twirp";
import { userServiceOf } from "../user-service";
import { listenOnLoopback } from "./listen-on-loopback";

/** The generated twirp-ts server alone, on node:http. */
export function serve(): Promise<number> {
  const handle = createUserServiceServer(userServiceOf()).httpHandler();
  return listenOnLoopback(createServer((request, response) => void handle(request, response)));
}
