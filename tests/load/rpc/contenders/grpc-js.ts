import { Server, ServerCredentials } from "@grpc/grpc-js";
import { createUserMethod } from "../grpc-method";
import { answer } from "../message";

/** @grpc/grpc-js over HTTP/2. */
export function serve(): Promise<number> {
  const server = new Server();
  server.addService(
    { CreateUser: createUserMethod },
    {
      CreateUser: (
        call: { request: Parameters<typeof answer>[0] },
        reply: (error: null, value: ReturnType<typeof answer>) => void,
      ) => reply(null, answer(call.request)),
    },
  );
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}
