import { Buffer } from "node:buffer";
import { CreateUserRequest, type CreateUserResponse } from "../../../gen/twirp/mcsv/v1/user";

/** The RPC that is measured. */
export const METHOD = { service: "mcsv.v1.UserService", name: "CreateUser" } as const;

/** The request: 79 bytes of protobuf. */
export const REQUEST: Buffer = Buffer.from(
  CreateUserRequest.toBinary({
    idempotencyKey: "3f0c9f0e-5d0b-4c7e-9a55-0b9f5a1b7c11",
    email: "ada@example.com",
    name: "Ada Lovelace of London",
  }),
);

/** What every contender answers: the request's name and email in a user. */
export function answer({ email, name }: CreateUserRequest): CreateUserResponse {
  return { user: { id: "7d444840-9dc0-11d1-b245-5ffdce74fad2", email, name, welcomeJobId: "" } };
}
