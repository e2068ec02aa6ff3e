/** One file of the contract: `user` stands for proto/mcsv/v1/user.proto and for openapi/user.yaml. */
export type ContractFile = string;

/** A method, whichever side describes it. */
export interface MethodShape {
  readonly file: ContractFile;
  /** Name of the message that it takes, `CreateUserRequest`. */
  readonly request: string;
  readonly response: string;
}

/** A field, whichever side describes it. */
export interface FieldShape {
  /** In the words of proto: `string`, `int64`, `repeated Job`, `map<string, string>`, `Quality`, `google.protobuf.Timestamp`. */
  readonly type: string;
  /** Whether it tells unset from its default: `optional` in proto, `x-optional: true` in the spec. */
  readonly optional: boolean;
}

/** A message, whichever side describes it. */
export interface MessageShape {
  readonly file: ContractFile;
  readonly fields: ReadonlyMap<string, FieldShape>;
  /** Names of the fields of each oneof. */
  readonly oneofs: ReadonlyMap<string, readonly string[]>;
}

/** An enum, whichever side describes it. */
export interface EnumShape {
  readonly file: ContractFile;
  readonly values: readonly string[];
}

/** All that proto and the specs both say. */
export interface ContractShape {
  /** By `UserService/CreateUser`. */
  readonly methods: ReadonlyMap<string, MethodShape>;
  /** By name without the package. */
  readonly messages: ReadonlyMap<string, MessageShape>;
  /** By name without the package. */
  readonly enums: ReadonlyMap<string, EnumShape>;
}

/** The package of the contract, with the dot after it. */
export const PACKAGE = "mcsv.v1.";
/** How both sides call proto's time. */
export const TIMESTAMP = "google.protobuf.Timestamp";
