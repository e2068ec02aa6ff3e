import type { IMessageType } from "@protobuf-ts/runtime";
import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import { compileSchemas } from "./compile-schemas";
import { MessageViews } from "./message-view";
import { toRequestSchemas } from "./request-schemas";
import { child, type SpecNode } from "./spec-node";
import { violation } from "./violation";

/**
 * Checks a request, a message of protobuf-ts, against its schema.
 *
 * @throws TwirpError invalid_argument with the path of the field in `meta.argument`; resource_exhausted for too many bytes
 */
export type RequestCheck = (request: object) => void;

/**
 * Compiles the checks of a service's requests, by the full names of its methods: `mcsv.v1.UserService/CreateUser`.
 *
 * @param document the service's spec, which refers to no other
 * @throws Error for a message without a schema, and a schema that cannot be compiled
 */
export function createRequestChecks(type: ServiceInfo, document: SpecNode): ReadonlyMap<string, RequestCheck> {
  const messages = child(document, "components", "schemas");
  const schemas = compileSchemas(toRequestSchemas(messages));
  const views = new MessageViews(messages);
  return new Map(
    type.methods.map((method) => {
      const message = method.I as IMessageType<object>;
      const viewOf = views.of(message);
      const check = schemas.compile(message.typeName.replace(/^.*\./, ""));
      return [
        `${type.typeName}/${method.name}`,
        (request: object) => {
          const view = viewOf(request);
          const errors = check(view);
          if (errors.length > 0) {
            throw violation(errors, view, document);
          }
        },
      ];
    }),
  );
}
