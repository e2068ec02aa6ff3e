import type { IMessageType } from "@protobuf-ts/runtime";
import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import { type Interceptor, TwirpErrorCode } from "twirp-ts";
import type { CallContext } from "../../twirp/call-context";
import { isTwirpError, twirpError } from "../../twirp/errors";
import { compileSchemas } from "../compile-schemas";
import { readSpec, type ServiceName } from "../read-spec";
import { child, childrenOf, isNode, type SpecNode } from "../spec-node";

/**
 * Makes an interceptor that holds a service to its spec: every answer must be what the schema of the response says, in JSON as the
 * host writes it, and every error one whose code the operation names. A call that breaks this fails with `internal` and says how.
 * For `server.use` in tests.
 */
export function keepAnswers(type: ServiceInfo): Interceptor<CallContext, unknown, unknown> {
  const service = /\.(\w+)Service$/.exec(type.typeName)?.[1]?.toLowerCase() as ServiceName;
  const document = readSpec(service);
  const schemas = compileSchemas(child(document, "components", "schemas"));
  const methods = new Map(
    type.methods.map(({ name, O }) => {
      const answer = O as IMessageType<object>;
      const validate = schemas.compile(answer.typeName.replace(/^.*\./, ""));
      const operation = child(document, "paths", `/twirp/${type.typeName}/${name}`, "post");
      return [name, { answer, validate, codes: codesOf(document, operation) }] as const;
    }),
  );
  return async (context, request, next) => {
    const method = methods.get(context.methodName);
    if (method === undefined) {
      throw broken(context, "is no method of its spec");
    }
    const response = await next(context, request).catch((error: unknown) => {
      const isNamed = !isTwirpError(error) || method.codes.has(error.code);
      throw isNamed ? error : broken(context, `answered ${String(error.code)}, which its spec does not name`);
    });
    const json = method.answer.toJson(response as object, { useProtoFieldName: true, emitDefaultValues: true });
    const errors = method.validate(json);
    if (errors.length > 0) {
      const told = errors.map(({ instancePath, message }) => `${instancePath} ${message}`).join("; ");
      throw broken(context, `answered what its schema does not admit: ${told}: ${JSON.stringify(json)}`);
    }
    return response;
  };
}

function broken({ serviceName, methodName }: CallContext, how: string) {
  return twirpError(TwirpErrorCode.Internal, `${serviceName}/${methodName} ${how}`);
}

/** The error codes that an operation names, over all its statuses. */
function codesOf(document: SpecNode, operation: SpecNode): ReadonlySet<string> {
  const responses = childrenOf(child(operation, "responses")).map(([, response]) => resolved(document, response));
  const schemas = responses.map((response) => child(response, "content", "application/json", "schema"));
  const parts = schemas.flatMap((schema) => [schema["allOf"] ?? []].flat()).filter(isNode);
  return new Set(parts.flatMap((part) => [child(part, "properties", "code")["enum"] ?? []].flat()).map(String));
}

function resolved(document: SpecNode, node: SpecNode): SpecNode {
  const name = /^#\/components\/responses\/(\w+)$/.exec(String(node["$ref"]))?.[1];
  return name === undefined ? node : child(document, "components", "responses", name);
}
