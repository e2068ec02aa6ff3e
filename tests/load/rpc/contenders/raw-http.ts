import { createServer } from "node:http";
import { CreateUserRequest, CreateUserResponse } from "../../../../gen/twirp/mcsv/v1/user";
import { answer } from "../message";
import { listenOnLoopback } from "./listen-on-loopback";

/** node:http with nothing around it: reads the body, decodes, encodes, answers. */
export function serve(): Promise<number> {
  return listenOnLoopback(
    createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = CreateUserResponse.toBinary(answer(CreateUserRequest.fromBinary(Buffer.concat(chunks))));
        response.writeHead(200, { "content-type": "application/protobuf", "content-length": body.length });
        response.end(body);
      });
    }),
  );
}
