import type { IMessageType } from "@protobuf-ts/runtime";
import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import { compileSchemas } from "./compile-schemas";
import { createJsonDecoder, type JsonDecoder } from "./json-decoder";
import { MessageViews } from "./message-view";
import { toRequestSchemas } from "./request-schemas";
import { child, type SpecNode } from "./spec-node";
import { violation } from "./violation";

/** How the requests of a method are read and checked. */
export interface RequestRules {
  readonly decodeJson: JsonDecoder;
  /**
   * Checks a request, a message of protobuf-ts, against its schema.
   *
   * @throws TwirpError invalid_argument with the path of the field in `meta.argument`; resource_exhausted for too many bytes
   */
  check(request: object): void;
}

/**
 * Compiles the rules for a service's requests, by the full names of its methods: `mcsv.v1.UserService/CreateUser`.
 *
 * @param document the service's spec, which refers to no other
 * @throws Error for a message without a schema, and a schema that cannot be compiled
 */
export function createRequestRules(type: ServiceInfo, document: SpecNode): ReadonlyMap<string, RequestRules> {
  const messages = child(document, "components", "schemas");
  const schemas = compileSchemas(toRequestSchemas(messages));
  const views = new MessageViews(messages);
  return new Map(
    type.methods.map((method) => {
      const message = method.I as IMessageType<object>;
      const viewOf = views.of(message);
      const validate = schemas.compile(message.typeName.replace(/^.*\./, ""));
      const check = (request: object): void => {
        const view = viewOf(request);
        const errors = validate(view);
        if (errors.length > 0) {
          throw violation(errors, view, document);
        }
      };
      return [`${type.typeName}/${method.name}`, { decodeJson: createJsonDecoder(message, document), check }];
    }),
  );
}
