import type { AuthFiles } from "../../../deploy/local/auth/create-auth-files";
import { JobServiceClientProtobuf } from "../../../gen/twirp/mcsv/v1/job.twirp";
import { credentialsOf } from "../../../tests/support/auth-files";
import type { CallOptions, TwirpTransport } from "../../platform/twirp/client/transport-options";

/** A client that makes each call as the caller that the contract admits: the user service enqueues, an application the rest. */
export function jobClient(
  auth: AuthFiles,
  transport: TwirpTransport,
  options: CallOptions = {},
): JobServiceClientProtobuf {
  const credentials = credentialsOf(auth);
  const enqueuing = transport.with({ ...options, authorization: credentials.service("user", "job") });
  const others = transport.with({ ...options, authorization: credentials.application });
  return new JobServiceClientProtobuf({
    request: (service, method, contentType, data) =>
      (method.startsWith("Enqueue") ? enqueuing : others).request(service, method, contentType, data),
  });
}

/** A client that makes its calls as a user. */
export function jobClientOf(auth: AuthFiles, transport: TwirpTransport, userId: string): JobServiceClientProtobuf {
  return new JobServiceClientProtobuf(transport.with({ authorization: credentialsOf(auth).user(userId) }));
}
