import type { ContractShape, EnumShape, FieldShape, MessageShape, MethodShape } from "./contract-shape";
import { PACKAGE } from "./contract-shape";
import { spelling } from "./spec-type";

/** Where both sides differ: a line each, with the path of the difference and what to do. */
export function compareShapes(spec: ContractShape, proto: ContractShape): readonly string[] {
  return [
    ...pairs(spec.methods, proto.methods).flatMap(([name, ours, theirs]) => compareMethods(name, ours, theirs)),
    ...pairs(spec.messages, proto.messages).flatMap(([name, ours, theirs]) => compareMessages(name, ours, theirs)),
    ...pairs(spec.enums, proto.enums).flatMap(([name, ours, theirs]) => compareEnums(name, ours, theirs)),
  ];
}

function compareMethods(name: string, spec: MethodShape | undefined, proto: MethodShape | undefined): string[] {
  if (spec === undefined || proto === undefined) {
    return oneSided(name, "path", "rpc", { spec, proto }, `the path /twirp/${PACKAGE}${name}`);
  }
  const place = `${spec.file}.yaml: ${name}`;
  const differences = compareFiles(place, spec, proto);
  for (const side of ["request", "response"] as const) {
    if (spec[side] !== proto[side]) {
      differences.push(
        `${place} ${side}: ${spec[side]} in the spec, ${proto[side]} in proto: change the schema and x-protobuf-message ` +
          `in the spec to ${proto[side]}, or the rpc in ${protoFile(proto.file)}`,
      );
    }
  }
  return differences;
}

function compareMessages(name: string, spec: MessageShape | undefined, proto: MessageShape | undefined): string[] {
  if (spec === undefined || proto === undefined) {
    return oneSided(name, "schema", "message", { spec, proto }, `the schema ${name} below components.schemas`);
  }
  const place = `${spec.file}.yaml: ${name}`;
  return [
    ...compareFiles(place, spec, proto),
    ...pairs(spec.fields, proto.fields).flatMap(([field, ours, theirs]) =>
      compareFields(`${place}.${field}`, proto.file, ours, theirs),
    ),
    ...pairs(spec.oneofs, proto.oneofs).flatMap(([oneof, ours = [], theirs = []]) =>
      [...ours].sort().join() === [...theirs].sort().join()
        ? []
        : [
            `${place}, oneof ${oneof}: [${ours.join(", ")}] in the spec, [${theirs.join(", ")}] in proto: change x-oneof ` +
              `in the spec, or the oneof in ${protoFile(proto.file)}`,
          ],
    ),
  ];
}

function compareFields(place: string, file: string, spec?: FieldShape, proto?: FieldShape): string[] {
  if (spec === undefined) {
    const type = proto?.type ?? "";
    return [`${place}: ${type} in proto, missing in the spec: add it to the spec (${spelling(type)})`];
  }
  if (proto === undefined) {
    return [
      `${place}: ${spec.type} in the spec, missing in proto: add it to ${protoFile(file)} and run make gen, ` +
        "or remove it from the spec",
    ];
  }
  if (spec.type !== proto.type) {
    return [
      `${place}: ${spec.type} in the spec, ${proto.type} in proto: change the spec to ${proto.type} ` +
        `(${spelling(proto.type)}), or the field in ${protoFile(file)}`,
    ];
  }
  if (spec.optional !== proto.optional) {
    return [
      `${place}: ${presence(spec)} in the spec, ${presence(proto)} in proto: ${proto.optional ? "add" : "remove"} ` +
        `x-optional: true in the spec, or change the field in ${protoFile(file)}`,
    ];
  }
  return [];
}

function compareEnums(name: string, spec: EnumShape | undefined, proto: EnumShape | undefined): string[] {
  if (spec === undefined || proto === undefined) {
    return oneSided(name, "schema", "enum", { spec, proto }, `the schema ${name} below components.schemas`);
  }
  const place = `${spec.file}.yaml: ${name}`;
  const missing = proto.values.filter((value) => !spec.values.includes(value));
  const extra = spec.values.filter((value) => !proto.values.includes(value));
  return [
    ...compareFiles(place, spec, proto),
    ...missing.map((value) => `${place}.${value}: in proto, missing in the spec: add it to the schema's enum`),
    ...extra.map(
      (value) =>
        `${place}.${value}: in the spec, missing in proto: add it to ${protoFile(proto.file)} and run make gen, ` +
        "or remove it from the schema's enum",
    ),
  ];
}

/** What only one side has. */
function oneSided(
  name: string,
  specWord: string,
  protoWord: string,
  { spec, proto }: { spec: { file: string } | undefined; proto: { file: string } | undefined },
  addition: string,
): string[] {
  if (proto !== undefined) {
    return [`${proto.file}.yaml: ${name}: ${protoWord} in proto, missing in the spec: add ${addition}`];
  }
  const file = spec?.file ?? "";
  return [
    `${file}.yaml: ${name}: ${specWord} in the spec, missing in proto: add the ${protoWord} to ${protoFile(file)} ` +
      `and run make gen, or remove the ${specWord}`,
  ];
}

function compareFiles(place: string, spec: { file: string }, proto: { file: string }): string[] {
  return spec.file === proto.file
    ? []
    : [`${place}: in ${spec.file}.yaml, but in ${protoFile(proto.file)}: move it to ${proto.file}.yaml`];
}

function presence({ optional }: FieldShape): string {
  return optional ? "optional" : "not optional";
}

function protoFile(file: string): string {
  return `proto/mcsv/v1/${file}.proto`;
}

/** Every name of either side with what each has under it. */
function pairs<T>(
  left: ReadonlyMap<string, T>,
  right: ReadonlyMap<string, T>,
): (readonly [string, T | undefined, T | undefined])[] {
  return [...new Set([...left.keys(), ...right.keys()])].map((name) => [name, left.get(name), right.get(name)]);
}
