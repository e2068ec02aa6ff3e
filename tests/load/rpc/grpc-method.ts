import type { MethodDefinition } from "@grpc/grpc-js";
import { CreateUserRequest, CreateUserResponse } from "../../../gen/twirp/mcsv/v1/user";
import { METHOD } from "./message";

/** The measured RPC as @grpc/grpc-js takes it. */
export const createUserMethod: MethodDefinition<CreateUserRequest, CreateUserResponse> = {
  path: `/${METHOD.service}/${METHOD.name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: (value) => Buffer.from(CreateUserRequest.toBinary(value)),
  requestDeserialize: (bytes) => CreateUserRequest.fromBinary(bytes),
  responseSerialize: (value) => Buffer.from(CreateUserResponse.toBinary(value)),
  responseDeserialize: (bytes) => CreateUserResponse.fromBinary(bytes),
};
