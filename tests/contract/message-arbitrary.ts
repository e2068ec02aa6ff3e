import { type FieldInfo, type IMessageType, ScalarType } from "@protobuf-ts/runtime";
import fc from "fast-check";

const INT64_MAX = 2n ** 63n - 1n;
const UINT32_MAX = 2 ** 32 - 1;
const INT32_MAX = 2 ** 31 - 1;
/** The last millisecond of the year 9999, the end of google.protobuf.Timestamp. */
const LAST_MS = 253_402_300_799_999;

/** Any value of a message type of protobuf-ts: every field at its default or not, every branch of a oneof or none. */
export function messageArbitrary(type: IMessageType<object>): fc.Arbitrary<object> {
  if (type.typeName === "google.protobuf.Timestamp") return timestampArbitrary();
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  const oneofs = new Map<string, fc.Arbitrary<unknown>[]>();
  for (const field of type.fields) {
    if (field.oneof === undefined) {
      fields[field.localName] = fieldArbitrary(field);
      continue;
    }
    const branch = valueArbitrary(field).map((value) => ({ oneofKind: field.localName, [field.localName]: value }));
    oneofs.set(field.oneof, [...(oneofs.get(field.oneof) ?? []), branch]);
  }
  for (const [name, branches] of oneofs) {
    fields[name] = fc.oneof(fc.constant({ oneofKind: undefined }), ...branches);
  }
  return fc.record(fields).map((record) => type.create(dropUndefined(record)));
}

/**
 * Times of whole milliseconds since 1970: ts-proto makes a Date of them, and writes fractions of seconds before 1970 with
 * negative nanos, which timestamp.proto forbids. All of ours come from a Date and are of this century.
 */
function timestampArbitrary(): fc.Arbitrary<object> {
  return fc.integer({ min: 0, max: LAST_MS }).map((ms) => {
    const seconds = Math.floor(ms / 1000);
    return { seconds: BigInt(seconds), nanos: (ms - seconds * 1000) * 1_000_000 };
  });
}

function fieldArbitrary(field: FieldInfo): fc.Arbitrary<unknown> {
  if (field.repeat) return fc.array(valueArbitrary(field), { maxLength: 3 });
  if (field.kind === "message" || field.opt) return fc.option(valueArbitrary(field), { nil: undefined });
  return valueArbitrary(field);
}

function valueArbitrary(field: FieldInfo): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case "message":
      return messageArbitrary(field.T() as IMessageType<object>);
    case "enum": {
      const numbers = Object.values(field.T()[1]).filter((value) => typeof value === "number");
      return fc.constantFrom(...numbers);
    }
    case "scalar":
      return scalarArbitrary(field.T);
    case "map": {
      const { V: value } = field;
      if (value.kind !== "scalar") throw new Error(`values of ${field.name}: teach this arbitrary to make them`);
      return fc.dictionary(mapKeyArbitrary(field.K), scalarArbitrary(value.T), { maxKeys: 3, noNullPrototype: true });
    }
  }
}

function scalarArbitrary(type: ScalarType): fc.Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return fc.string({ unit: "binary", maxLength: 20 });
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 40 });
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.UINT32:
      return fc.nat({ max: UINT32_MAX });
    case ScalarType.INT32:
      return fc.integer({ min: -INT32_MAX - 1, max: INT32_MAX });
    case ScalarType.INT64:
      return fc.bigInt({ min: -INT64_MAX - 1n, max: INT64_MAX });
    default:
      throw new Error(`scalar type ${ScalarType[type]} is new to the contract: teach this arbitrary to make one`);
  }
}

function mapKeyArbitrary(type: ScalarType): fc.Arbitrary<string> {
  if (type !== ScalarType.STRING) throw new Error("keys of a map that are no text: teach this arbitrary to make them");
  // A key of this name cannot be told from the prototype of an object, in either codec.
  return fc.string({ maxLength: 10 }).filter((key) => key !== "__proto__");
}

function dropUndefined(record: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
