import type { IMessageType, JsonValue } from "@protobuf-ts/runtime";
import type { Rpc } from "twirp-ts";
import { createTransport } from "../../../services/platform/twirp/client/create-transport";
import { isTwirpError } from "../../../services/platform/twirp/errors";
import { ClientCompatMessage, CompatMethod, Empty, Req, Resp } from "./messages";

/** Codec that the call is made in. */
export type Codec = "protobuf" | "json";

/** What became of the call: its response in protobuf, or the code of its error. */
export type CompatResult = { readonly response: Uint8Array } | { readonly errorCode: string };

const SERVICE = "twirp.clientcompat.CompatService";

/**
 * Makes the call that a ClientCompatMessage asks for, through the transport that our services call each other with.
 *
 * @param input The message in protobuf.
 * @throws whatever is no Twirp error: input that cannot be decoded, an address that is no URL.
 */
export async function callAsTold(input: Uint8Array, codec: Codec): Promise<CompatResult> {
  const told = ClientCompatMessage.fromBinary(input);
  const transport = createTransport({ baseUrl: told.serviceAddress, target: "compat" });
  try {
    return { response: await call(transport, told, codec) };
  } catch (error) {
    if (!isTwirpError(error)) throw error;
    return { errorCode: error.code };
  } finally {
    transport.close();
  }
}

function call(rpc: Rpc, { method, request }: ClientCompatMessage, codec: Codec): Promise<Uint8Array> {
  switch (method) {
    case CompatMethod.NOOP:
      return callMethod(rpc, codec, { name: "NoopMethod", input: Empty, output: Empty, request });
    case CompatMethod.METHOD:
      return callMethod(rpc, codec, { name: "Method", input: Req, output: Resp, request });
    default:
      throw new TypeError(`method ${String(method)} is none of the suite's`);
  }
}

interface Method<I extends object, O extends object> {
  readonly name: string;
  readonly input: IMessageType<I>;
  readonly output: IMessageType<O>;
  readonly request: Uint8Array;
}

/** Does what generated clients do: decode, by `then`, what `request` promises. */
function callMethod<I extends object, O extends object>(
  rpc: Rpc,
  codec: Codec,
  { name, input, output, request }: Method<I, O>,
): Promise<Uint8Array> {
  const message = input.fromBinary(request);
  if (codec === "protobuf") {
    return rpc
      .request(SERVICE, name, "application/protobuf", input.toBinary(message))
      .then((data) => output.toBinary(output.fromBinary(data as Uint8Array)));
  }
  const json = input.toJson(message, { useProtoFieldName: true, emitDefaultValues: true }) as object;
  return rpc
    .request(SERVICE, name, "application/json", json)
    .then((data) => output.toBinary(output.fromJson(data as JsonValue, { ignoreUnknownFields: true })));
}
