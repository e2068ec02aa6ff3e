import { beforeAll, describe, expect, it } from "vitest";
import { projectDirectory } from "../../deploy/local/project-directory";
import { editField, editFile, editMessage, editSpec } from "./openapi-drift/edit-contract";
import { findDrift } from "./openapi-drift/find-drift";
import type { FileDescriptorSet } from "./openapi-drift/proto-shape";
import { readProto, readSpecs } from "./openapi-drift/read-contract";
import type { SpecDocuments } from "./openapi-drift/spec-node";

let specs: SpecDocuments;
let proto: FileDescriptorSet;
/** What differs without an edit: told by the first test, and none of the others' business. */
let present: readonly string[];

beforeAll(async () => {
  specs = await readSpecs(projectDirectory());
  proto = await readProto(projectDirectory());
  present = findDrift(specs, proto);
});

/** What an edit adds to what differs. */
function addedDrift(editedSpecs: SpecDocuments, editedProto: FileDescriptorSet): readonly string[] {
  return findDrift(editedSpecs, editedProto).filter((line) => !present.includes(line));
}

/** Path of a field in the specs. */
const atField = (file: string, message: string, name: string) => [...atSchema(file, message), "properties", name];
/** Path of a message or enum in the specs. */
const atSchema = (file: string, name: string) => [file, "components", "schemas", name];
/** Path of a method in the specs. */
const atMethod = (file: string, method: string) => [file, "paths", `/twirp/mcsv.v1.${method}`];

it("the specs and proto say the same of every method, message, field and enum", () => {
  expect(present, "edit openapi/ or proto/ as the lines say").toEqual([]);
});

describe("a change of the spec is told with its path and what to do", () => {
  const editedSpec = (where: readonly string[], value: unknown) => addedDrift(editSpec(specs, where, value), proto);

  it("a missing field", () => {
    expect(editedSpec(atField("user", "User", "created_at"), undefined)).toEqual([
      "user.yaml: User.created_at: google.protobuf.Timestamp in proto, missing in the spec: " +
        "add it to the spec ($ref: common.yaml#/components/schemas/Timestamp)",
      "user.yaml: User: requires created_at, which it does not have: remove it from required",
    ]);
  });

  it("a field that proto does not have", () => {
    expect(editedSpec(atField("user", "CreateUserRequest", "nickname"), { type: "string" })).toEqual([
      "user.yaml: CreateUserRequest.nickname: string in the spec, missing in proto: " +
        "add it to proto/mcsv/v1/user.proto and run make gen, or remove it from the spec",
    ]);
  });

  it.each([
    ["a text that became a boolean", ["user", "CreateUserRequest", "name"], { type: "boolean" }, "bool", "string"],
    ["an int64 without its format", ["image", "ConvertedPdf", "input_bytes"], { type: "string" }, "string", "int64"],
    [
      "an int64 that JSON would carry as a number",
      ["image", "ConvertedPdf", "input_bytes"],
      { type: "integer", format: "int64" },
      "integer (int64)",
      "int64",
    ],
    [
      "a number of another format",
      ["image", "ConvertedPdf", "width_px"],
      { type: "integer", format: "int32" },
      "int32",
      "uint32",
    ],
    [
      "bytes without their encoding",
      ["user", "UserServiceConvertImageRequest", "image"],
      { type: "string" },
      "string",
      "bytes",
    ],
    [
      "a time without its format",
      ["user", "User", "created_at"],
      { type: "string" },
      "string",
      "google.protobuf.Timestamp",
    ],
    [
      "another message",
      ["user", "CreateUserResponse", "user"],
      { $ref: "#/components/schemas/Upload" },
      "Upload",
      "User",
    ],
    [
      "an enum spelled out",
      ["job", "Job", "state"],
      { type: "string", enum: ["JOB_STATE_QUEUED"] },
      "string",
      "JobState",
    ],
    [
      "a list that became one",
      ["job", "ListJobsResponse", "jobs"],
      { $ref: "#/components/schemas/Job" },
      "Job",
      "repeated Job",
    ],
    [
      "one that became a list",
      ["job", "GetJobResponse", "job"],
      { type: "array", items: { $ref: "#/components/schemas/Job" } },
      "repeated Job",
      "Job",
    ],
    [
      "a map that became a list",
      ["user", "Upload", "headers"],
      { type: "array", items: { type: "string" } },
      "repeated string",
      "map<string, string>",
    ],
    [
      "a map of other values",
      ["user", "Upload", "headers"],
      { type: "object", additionalProperties: { type: "integer", format: "int32" } },
      "map<string, int32>",
      "map<string, string>",
    ],
  ] as const)("%s", (_, [file, message, name], schema, ours, theirs) => {
    const drift = editedSpec(atField(file, message, name), schema);
    expect(drift).toHaveLength(1);
    expect(drift[0]).toContain(
      `${file}.yaml: ${message}.${name}: ${ours} in the spec, ${theirs} in proto: change the spec to`,
    );
  });

  it("a reference to nothing", () => {
    const drift = editedSpec(atField("user", "CreateUserResponse", "user"), {
      $ref: "user.yaml#/components/schemas/Usr",
    });
    expect(drift[0]).toContain(
      "CreateUserResponse.user: user.yaml#/components/schemas/Usr, which does not exist, in the spec",
    );
  });

  it("an optional field that proto does not have as optional", () => {
    const drift = editedSpec([...atField("image", "ConversionOptions", "density_dpi"), "x-optional"], true);
    expect(drift).toEqual([
      "image.yaml: ConversionOptions.density_dpi: optional in the spec, not optional in proto: " +
        "remove x-optional: true in the spec, or change the field in proto/mcsv/v1/image.proto",
    ]);
  });

  it("a missing enum value, and one too many", () => {
    expect(
      editedSpec(
        [...atSchema("image", "ImageFormat"), "enum"],
        ["IMAGE_FORMAT_UNSPECIFIED", "IMAGE_FORMAT_PNG", "IMAGE_FORMAT_WEBP"],
      ),
    ).toEqual([
      "image.yaml: ImageFormat.IMAGE_FORMAT_JPEG: in proto, missing in the spec: add it to the schema's enum",
      "image.yaml: ImageFormat.IMAGE_FORMAT_WEBP: in the spec, missing in proto: " +
        "add it to proto/mcsv/v1/image.proto and run make gen, or remove it from the schema's enum",
    ]);
  });

  it("a missing method, and one too many", () => {
    expect(editedSpec(atMethod("job", "JobService/GetJob"), undefined)).toEqual([
      "job.yaml: JobService/GetJob: rpc in proto, missing in the spec: add the path /twirp/mcsv.v1.JobService/GetJob",
    ]);
    expect(editedSpec(atMethod("job", "JobService/ArchiveJob"), {})).toEqual([
      "job.yaml: JobService/ArchiveJob: path in the spec, missing in proto: " +
        "add the rpc to proto/mcsv/v1/job.proto and run make gen, or remove the path",
    ]);
  });

  it("a method that takes or answers another message, in either encoding", () => {
    const method = atMethod("job", "JobService/GetJob");
    const request = [...method, "post", "requestBody", "content"];
    expect(
      editedSpec([...request, "application/json", "schema", "$ref"], "#/components/schemas/ListJobsRequest")[0],
    ).toContain(
      "job.yaml: JobService/GetJob request: ListJobsRequest in application/json and GetJobRequest in application/protobuf in the spec, " +
        "GetJobRequest in proto",
    );
    const response = [...method, "post", "responses", "200", "content"];
    expect(editedSpec([...response, "application/protobuf", "x-protobuf-message"], undefined)[0]).toContain(
      "job.yaml: JobService/GetJob response: GetJobResponse in application/json and no x-protobuf-message",
    );
  });

  it("a missing message, one too many, and one in the wrong file", () => {
    expect(editedSpec(atSchema("job", "GetQueueStatsRequest"), undefined)[0]).toContain(
      "job.yaml: GetQueueStatsRequest: message in proto, missing in the spec",
    );
    expect(editedSpec(atSchema("job", "ArchiveJobRequest"), { type: "object" })).toEqual([
      expect.stringContaining("job.yaml: ArchiveJobRequest: schema in the spec, missing in proto"),
    ]);
    const moved = editSpec(specs, atSchema("job", "GetQueueStatsRequest"), undefined);
    expect(addedDrift(editSpec(moved, atSchema("user", "GetQueueStatsRequest"), { type: "object" }), proto)).toEqual([
      "user.yaml: GetQueueStatsRequest: in user.yaml, but in proto/mcsv/v1/job.proto: move it to job.yaml",
    ]);
  });

  it("another oneof, and one that x-oneof and oneOf describe differently", () => {
    const drift = editedSpec([...atSchema("user", "GetUserRequest"), "x-oneof", "key"], ["id"]);
    expect(drift).toEqual([
      expect.stringContaining("user.yaml: GetUserRequest, oneof key: [id] in the spec, [id, email] in proto"),
      "user.yaml: GetUserRequest: x-oneof names [id], oneOf and not speak of [email, id]: make them say the same",
    ]);
  });
});

describe("a change of proto is told the same way", () => {
  it("a changed type", () => {
    const changed = editField(proto, ["user", "CreateUserRequest", "name"], { type: "TYPE_INT64" });
    expect(addedDrift(specs, changed)).toEqual([
      "user.yaml: CreateUserRequest.name: string in the spec, int64 in proto: change the spec to int64 " +
        "(type: [string, integer], format: int64), or the field in proto/mcsv/v1/user.proto",
    ]);
  });

  it("a repeated field", () => {
    const changed = editField(proto, ["user", "User", "email"], { label: "LABEL_REPEATED" });
    expect(addedDrift(specs, changed)).toEqual([
      "user.yaml: User.email: string in the spec, repeated string in proto: change the spec to repeated string " +
        "(type: array, items: { type: string }), or the field in proto/mcsv/v1/user.proto",
    ]);
  });

  it("an optional field", () => {
    const changed = editField(proto, ["user", "User", "name"], { proto3Optional: true });
    expect(addedDrift(specs, changed)).toEqual([
      "user.yaml: User.name: not optional in the spec, optional in proto: add x-optional: true in the spec, " +
        "or change the field in proto/mcsv/v1/user.proto",
    ]);
  });

  it("a new field, a removed field, and a field that left its oneof", () => {
    const added = editMessage(proto, "user", "User", ({ field: fields }) => {
      fields.push({
        name: "locale",
        label: "LABEL_OPTIONAL",
        type: "TYPE_STRING",
        typeName: "",
        proto3Optional: false,
      });
    });
    expect(addedDrift(specs, added)).toEqual([
      "user.yaml: User.locale: string in proto, missing in the spec: add it to the spec (type: string)",
    ]);
    const removed = editMessage(proto, "user", "User", ({ field: fields }) => {
      fields.splice(
        fields.findIndex(({ name }) => name === "name"),
        1,
      );
    });
    expect(addedDrift(specs, removed)[0]).toContain("user.yaml: User.name: string in the spec, missing in proto");
    const left = editField(proto, ["user", "GetUserRequest", "email"], { oneofIndex: undefined });
    expect(addedDrift(specs, left)[0]).toContain("oneof key: [id, email] in the spec, [id] in proto");
  });

  it("a new rpc, a new message and a new enum value", () => {
    const changed = editFile(proto, "job", ({ service, messageType, enumType }) => {
      service[0]?.method.push({
        name: "ArchiveJob",
        inputType: ".mcsv.v1.GetJobRequest",
        outputType: ".mcsv.v1.ArchiveJobResponse",
      });
      messageType.push({ name: "ArchiveJobResponse", field: [], oneofDecl: [], nestedType: [], enumType: [] });
      enumType.find(({ name }) => name === "JobState")?.value.push({ name: "JOB_STATE_PAUSED" });
    });
    expect(addedDrift(specs, changed)).toEqual([
      "job.yaml: JobService/ArchiveJob: rpc in proto, missing in the spec: add the path /twirp/mcsv.v1.JobService/ArchiveJob",
      "job.yaml: ArchiveJobResponse: message in proto, missing in the spec: add the schema ArchiveJobResponse below components.schemas",
      "job.yaml: JobState.JOB_STATE_PAUSED: in proto, missing in the spec: add it to the schema's enum",
    ]);
  });
});
