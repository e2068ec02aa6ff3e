import { MessageType, ScalarType } from "@protobuf-ts/runtime";

// The messages of the suite (package twirp.clientcompat), by hand: what is on the wire is all that they share with its .proto.

/** Asks nothing, answers nothing. */
export const Empty = new MessageType<object>("twirp.clientcompat.Empty", []);

/** Request of CompatService/Method. */
export interface Req {
  v: string;
}
export const Req = new MessageType<Req>("twirp.clientcompat.Req", [
  { no: 1, name: "v", kind: "scalar", T: ScalarType.STRING },
]);

/** Response of CompatService/Method. */
export interface Resp {
  v: number;
}
export const Resp = new MessageType<Resp>("twirp.clientcompat.Resp", [
  { no: 1, name: "v", kind: "scalar", T: ScalarType.INT32 },
]);

/** Which method is to be called. */
export enum CompatMethod {
  NOOP = 0,
  METHOD = 1,
}

/** What the runner writes to the client's standard input. */
export interface ClientCompatMessage {
  /** Base URL of the server to call. */
  serviceAddress: string;
  method: CompatMethod;
  /** The request in protobuf. */
  request: Uint8Array;
}
export const ClientCompatMessage = new MessageType<ClientCompatMessage>("twirp.clientcompat.ClientCompatMessage", [
  { no: 1, name: "service_address", kind: "scalar", T: ScalarType.STRING },
  {
    no: 2,
    name: "method",
    kind: "enum",
    T: () => ["twirp.clientcompat.ClientCompatMessage.CompatServiceMethod", CompatMethod],
  },
  { no: 3, name: "request", kind: "scalar", T: ScalarType.BYTES },
]);
