import type { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import type { IMessageType } from "@protobuf-ts/runtime";
import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import * as tsProtoClient from "../../gen/client/mcsv/v1/client";
import * as tsProtoEmail from "../../gen/client/mcsv/v1/email";
import * as tsProtoImage from "../../gen/client/mcsv/v1/image";
import * as tsProtoJob from "../../gen/client/mcsv/v1/job";
import * as tsProtoUser from "../../gen/client/mcsv/v1/user";
import { ClientService } from "../../gen/twirp/mcsv/v1/client";
import { EmailService } from "../../gen/twirp/mcsv/v1/email";
import { ImageService } from "../../gen/twirp/mcsv/v1/image";
import { JobService } from "../../gen/twirp/mcsv/v1/job";
import { UserService } from "../../gen/twirp/mcsv/v1/user";

/** A message type of ts-proto, as far as it is needed to compare it with that of protobuf-ts. */
export interface TsProtoType {
  encode(message: unknown, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array): unknown;
  toJSON(message: unknown): unknown;
  fromJSON(json: unknown): unknown;
}

/** A message of the contract in both codecs. */
export interface ContractMessage {
  /** `CreateUserRequest`. */
  readonly name: string;
  readonly protobufTs: IMessageType<object>;
  readonly tsProto: TsProtoType;
}

/** The services of the contract. */
export const CONTRACT_SERVICES: readonly ServiceInfo[] = [
  ClientService,
  UserService,
  JobService,
  EmailService,
  ImageService,
];

const PACKAGE = "mcsv.v1.";

/**
 * Every message of the contract that a method takes or returns, or that one of these contains.
 *
 * @throws Error for a message that ts-proto's code does not have.
 */
export function contractMessages(): readonly ContractMessage[] {
  const found = new Map<string, IMessageType<object>>();
  const collect = (type: IMessageType<object>): void => {
    if (!type.typeName.startsWith(PACKAGE) || found.has(type.typeName)) return;
    found.set(type.typeName, type);
    for (const field of type.fields) {
      if (field.kind === "message") collect(field.T() as IMessageType<object>);
    }
  };
  for (const method of CONTRACT_SERVICES.flatMap((service) => service.methods)) {
    collect(method.I as IMessageType<object>);
    collect(method.O as IMessageType<object>);
  }
  return [...found.values()].map((protobufTs) => {
    const name = protobufTs.typeName.slice(PACKAGE.length);
    return { name, protobufTs, tsProto: tsProtoType(name) };
  });
}

function tsProtoType(name: string): TsProtoType {
  for (const module of [tsProtoClient, tsProtoUser, tsProtoJob, tsProtoEmail, tsProtoImage]) {
    const type = (module as Record<string, unknown>)[name];
    if (type !== undefined) return type as TsProtoType;
  }
  throw new Error(`gen/client has no message ${name}, gen/twirp has: run make gen`);
}
