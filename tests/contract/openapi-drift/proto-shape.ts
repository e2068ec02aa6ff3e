import { z } from "zod";
import {
  type ContractShape,
  type EnumShape,
  type FieldShape,
  type MessageShape,
  type MethodShape,
  PACKAGE,
} from "./contract-shape";

const FieldDescriptor = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  typeName: z.string().default(""),
  oneofIndex: z.number().optional(),
  proto3Optional: z.boolean().default(false),
});
const EnumDescriptor = z.object({ name: z.string(), value: z.array(z.object({ name: z.string() })) });
const MessageDescriptor = z.object({
  name: z.string(),
  field: z.array(FieldDescriptor).default([]),
  oneofDecl: z.array(z.object({ name: z.string() })).default([]),
  options: z.object({ mapEntry: z.boolean().default(false) }).optional(),
  enumType: z.array(EnumDescriptor).default([]),
  get nestedType() {
    return z.array(MessageDescriptor).default([]);
  },
});
const FileDescriptor = z.object({
  name: z.string(),
  messageType: z.array(MessageDescriptor).default([]),
  enumType: z.array(EnumDescriptor).default([]),
  service: z
    .array(
      z.object({
        name: z.string(),
        method: z.array(z.object({ name: z.string(), inputType: z.string(), outputType: z.string() })).default([]),
      }),
    )
    .default([]),
});

/** What `buf build` writes as JSON: google.protobuf.FileDescriptorSet, as far as it is compared. */
export const FileDescriptorSet = z.object({ file: z.array(FileDescriptor) });
/** A descriptor set that was read. */
export type FileDescriptorSet = z.infer<typeof FileDescriptorSet>;
type MessageDescriptor = z.infer<typeof MessageDescriptor>;

const PROTO_FILE = /^mcsv\/v1\/(\w+)\.proto$/;

/** What the .proto files of the contract say. */
export function protoShape({ file: files }: FileDescriptorSet): ContractShape {
  const methods = new Map<string, MethodShape>();
  const messages = new Map<string, MessageShape>();
  const enums = new Map<string, EnumShape>();
  for (const { name: path, messageType, enumType, service } of files) {
    const file = PROTO_FILE.exec(path)?.[1];
    if (file === undefined) continue;
    for (const { name, method } of service) {
      for (const { name: rpc, inputType, outputType } of method) {
        methods.set(`${name}/${rpc}`, { file, request: shortName(inputType), response: shortName(outputType) });
      }
    }
    const addEnum = (prefix: string, { name, value }: z.infer<typeof EnumDescriptor>): void => {
      enums.set(prefix + name, { file, values: value.map((entry) => entry.name) });
    };
    const addMessage = (prefix: string, message: MessageDescriptor): void => {
      if (message.options?.mapEntry === true) return;
      const name = prefix + message.name;
      messages.set(name, { file, ...messageShape(message) });
      for (const inner of message.nestedType) addMessage(`${name}.`, inner);
      for (const inner of message.enumType) addEnum(`${name}.`, inner);
    };
    for (const message of messageType) addMessage("", message);
    for (const entry of enumType) addEnum("", entry);
  }
  return { methods, messages, enums };
}

function messageShape(message: MessageDescriptor): Omit<MessageShape, "file"> {
  const fields = new Map<string, FieldShape>();
  const oneofs = new Map<string, string[]>();
  for (const field of message.field) {
    fields.set(field.name, { type: fieldType(field, message), optional: field.proto3Optional });
    // protoc puts an optional field into a oneof of its own, which nobody wrote.
    const oneof = field.oneofIndex === undefined ? undefined : message.oneofDecl[field.oneofIndex]?.name;
    if (oneof !== undefined && !field.proto3Optional) {
      oneofs.set(oneof, [...(oneofs.get(oneof) ?? []), field.name]);
    }
  }
  return { fields, oneofs };
}

function fieldType(field: z.infer<typeof FieldDescriptor>, parent: MessageDescriptor): string {
  if (field.label !== "LABEL_REPEATED") return elementType(field);
  const entry = parent.nestedType.find(
    ({ name, options }) => options?.mapEntry === true && field.typeName.endsWith(`.${parent.name}.${name}`),
  );
  const value = entry?.field.find(({ name }) => name === "value");
  // Keys of any type are texts in JSON.
  return value === undefined ? `repeated ${elementType(field)}` : `map<string, ${elementType(value)}>`;
}

/** Encodings of the same numbers that JSON does not tell apart. */
const SAME_IN_JSON: Readonly<Record<string, string>> = {
  sint32: "int32",
  sfixed32: "int32",
  fixed32: "uint32",
  sint64: "int64",
  sfixed64: "int64",
  fixed64: "uint64",
};

function elementType({ type, typeName }: z.infer<typeof FieldDescriptor>): string {
  if (typeName !== "") return shortName(typeName);
  const scalar = type.replace(/^TYPE_/, "").toLowerCase();
  return SAME_IN_JSON[scalar] ?? scalar;
}

/** `.mcsv.v1.User` is `User`; names of other packages stay whole. */
function shortName(typeName: string): string {
  const name = typeName.replace(/^\./, "");
  return name.startsWith(PACKAGE) ? name.slice(PACKAGE.length) : name;
}
