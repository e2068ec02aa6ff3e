import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import { bodyLimitsOf } from "./body-limits";
import { type Operation, operationsOf } from "./operations";
import { readSpec, type ServiceName } from "./read-spec";
import { createRequestRules, type RequestRules } from "./request-rules";
import type { SpecNode } from "./spec-node";

/** What a service promises, as its spec has it. */
export interface ServiceContract {
  readonly service: ServiceName;
  /** The service's whole spec; it refers to no other document. */
  readonly document: SpecNode;
  /** The methods by their full names: `mcsv.v1.UserService/CreateUser`. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** How the methods' requests are read and checked, by the methods' full names. */
  readonly requests: ReadonlyMap<string, RequestRules>;
  /** Most bytes of a body, by the names of the methods that need more room than others: `ConvertImage`. */
  readonly bodyLimits: ReadonlyMap<string, number>;
}

/**
 * Reads the contract of a service from openapi/, once, when the service starts, and compiles the checks of its requests.
 *
 * @param type the service as generated from its .proto file: `UserService` of gen/twirp/mcsv/v1/user
 * @throws Error when the spec cannot be read, lacks a method or has a schema that cannot be compiled
 */
export function loadContract(type: ServiceInfo): ServiceContract {
  const service = serviceName(type);
  const document = readSpec(service);
  const operations = operationsOf(document);
  for (const { name } of type.methods) {
    if (!operations.has(`${type.typeName}/${name}`)) {
      throw new Error(`openapi/${service}.yaml has no method ${type.typeName}/${name}`);
    }
  }
  const requests = createRequestRules(type, document);
  return { service, document, operations, requests, bodyLimits: bodyLimitsOf(type, document) };
}

function serviceName({ typeName }: ServiceInfo): ServiceName {
  const name = /\.(\w+)Service$/.exec(typeName)?.[1]?.toLowerCase();
  switch (name) {
    case "client":
    case "user":
    case "job":
    case "email":
    case "image":
      return name;
    default:
      throw new Error(`${typeName} is no service of the contract`);
  }
}
