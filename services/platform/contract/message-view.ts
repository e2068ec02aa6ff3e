import { type EnumInfo, type FieldInfo, type IMessageType, RepeatType, ScalarType } from "@protobuf-ts/runtime";
import { child, type SpecNode } from "./spec-node";
import { timestampText } from "./timestamp-text";

/** What a schema sees of a message. */
export type View = Readonly<Record<string, unknown>>;

/** Makes the view of a message. */
export type MessageView = (message: object) => View;

type Fields = Readonly<Record<string, unknown>>;
type ToView = (value: unknown) => unknown;
type Write = (message: Fields, view: Record<string, unknown>) => void;
type MapField = Extract<FieldInfo, { kind: "map" }>;
type SingleField = Exclude<FieldInfo, MapField>;

const TIMESTAMP = "google.protobuf.Timestamp";

/**
 * Makes functions that show messages of protobuf-ts to schemas: as the message's JSON would be, with the names of the .proto file,
 * but
 *
 * - a field at its default is left out where proto3 does not tell it from one that is unset;
 * - 64-bit integers are numbers, rounded where a number cannot carry them: bounds of up to 2^53 judge them right;
 * - bytes are their length, so that what a view costs does not depend on them;
 * - texts are in Unicode's composed form where their schema has `x-unicode-form: NFC`.
 *
 * An enum's number that the contract does not name stands as a text of its digits, a Timestamp out of range as a text that is no
 * date-time.
 */
export class MessageViews {
  readonly #schemas: SpecNode;
  readonly #known = new Map<string, MessageView>();

  /** @param schemas the schemas of the messages by their names: components.schemas of a spec */
  constructor(schemas: SpecNode) {
    this.#schemas = schemas;
  }

  /**
   * The view of a type of messages.
   *
   * @throws Error for a type of google.protobuf other than Timestamp in it
   */
  of(type: IMessageType<object>): MessageView {
    const known = this.#known.get(type.typeName);
    if (known !== undefined) {
      return known;
    }
    if (type.typeName.startsWith("google.protobuf.")) {
      throw new Error(`${type.typeName} cannot be shown to a schema`);
    }
    const writes: Write[] = [];
    const view: MessageView = (message) => {
      const result: Record<string, unknown> = {};
      for (const write of writes) {
        write(message as Fields, result);
      }
      return result;
    };
    // Known before its fields are: a message may contain its own type.
    this.#known.set(type.typeName, view);
    const properties = child(this.#schemas, type.typeName.replace(/^.*\./, ""), "properties");
    const oneofs = Map.groupBy(type.fields, (field) => field.oneof);
    for (const [oneof, fields] of oneofs) {
      if (oneof === undefined) {
        writes.push(...fields.map((field) => this.#field(field, child(properties, field.name))));
      } else {
        writes.push(this.#oneof(oneof, fields, properties));
      }
    }
    return view;
  }

  /** A member of a oneof has presence: it is shown even at its default. */
  #oneof(oneof: string, fields: readonly FieldInfo[], properties: SpecNode): Write {
    const members = new Map(
      fields
        .filter((field) => field.kind !== "map")
        .map((field) => [
          field.localName,
          { name: field.name, toView: this.#single(field, child(properties, field.name)) },
        ]),
    );
    return (message, view) => {
      const group = message[oneof] as Fields;
      const kind = String(group["oneofKind"]);
      const member = members.get(kind);
      if (member !== undefined) {
        view[member.name] = member.toView(group[kind]);
      }
    };
  }

  #field(field: FieldInfo, schema: SpecNode): Write {
    const { name, localName } = field;
    if (field.kind === "map") {
      const toView = this.#mapValue(field.V);
      return (message, view) => {
        const entries = Object.entries(message[localName] as Fields);
        if (entries.length > 0) {
          // fromEntries sets what an assignment would not: a key "__proto__".
          view[name] = Object.fromEntries(entries.map(([key, value]) => [key, toView(value)]));
        }
      };
    }
    const toView = this.#single(field, schema);
    if (field.repeat !== RepeatType.NO) {
      return (message, view) => {
        const entries = message[localName] as readonly unknown[];
        if (entries.length > 0) {
          view[name] = entries.map(toView);
        }
      };
    }
    const isUnset = field.kind === "message" || field.opt ? isUndefined : isDefault;
    return (message, view) => {
      const value = message[localName];
      if (!isUnset(value)) {
        view[name] = toView(value);
      }
    };
  }

  /** How a field, or one entry of a repeated one, is shown. */
  #single(field: SingleField, schema: SpecNode): ToView {
    switch (field.kind) {
      case "scalar":
        return schema["x-unicode-form"] === "NFC" ? (value) => (value as string).normalize("NFC") : scalarView(field.T);
      case "enum":
        return enumView(field.T());
      case "message":
        return this.#message(field.T());
      default:
        return field satisfies never;
    }
  }

  #mapValue(value: MapField["V"]): ToView {
    switch (value.kind) {
      case "scalar":
        return scalarView(value.T);
      case "enum":
        return enumView(value.T());
      case "message":
        return this.#message(value.T());
      default:
        return value satisfies never;
    }
  }

  #message(type: IMessageType<object>): ToView {
    if (type.typeName === TIMESTAMP) {
      return (value) => timestampText(value as { seconds: bigint; nanos: number });
    }
    const view = this.of(type);
    return (value) => view(value as object);
  }
}

function isUndefined(value: unknown): boolean {
  return value === undefined;
}

/** Whether a scalar is at its default, which proto3 does not send: "", 0, false or no bytes. */
function isDefault(value: unknown): boolean {
  return value instanceof Uint8Array ? value.length === 0 : !value;
}

function scalarView(type: ScalarType): ToView {
  switch (type) {
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return Number;
    case ScalarType.BYTES:
      return (value) => (value as Uint8Array).length;
    default:
      return (value) => value;
  }
}

function enumView([, values, prefix = ""]: EnumInfo): ToView {
  return (value) => {
    const name = values[Number(value)];
    return name === undefined ? String(value) : `${prefix}${name}`;
  };
}
