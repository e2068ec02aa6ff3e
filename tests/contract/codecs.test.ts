import { type IMessageType, type JsonValue, UnknownFieldHandler, WireType } from "@protobuf-ts/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ContractMessage, contractMessages } from "./contract-messages";
import { messageArbitrary } from "./message-arbitrary";

// fast-check prints seed and path of what fails; put both into RUNS to see it again.
const RUNS = { numRuns: 60 };
/** What the host and the clients of this project write. */
const WRITE_JSON = { useProtoFieldName: true, emitDefaultValues: true };
/** A field number that no message of the contract has. */
const UNKNOWN_FIELD = 19_999;

const MESSAGES = contractMessages();

/** JSON as it is after it was on the wire. */
function overTheWire(json: unknown): JsonValue {
  return JSON.parse(JSON.stringify(json)) as JsonValue;
}

function property({ protobufTs }: ContractMessage, check: (message: object) => void): void {
  fc.assert(fc.property(messageArbitrary(protobufTs), check), RUNS);
}

it("the contract's messages are all there", () => {
  const names = MESSAGES.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["CreateUserRequest", "Email", "Job", "Conversion", "QueueStats"]));
  expect(names.length).toBeGreaterThan(40);
});

describe.each(MESSAGES.map((message) => [message.name, message] as const))("%s", (_name, message) => {
  const { protobufTs, tsProto } = message;

  it("goes from protobuf-ts to ts-proto and back in binary, unchanged", () => {
    property(message, (value) => {
      const there = tsProto.decode(protobufTs.toBinary(value));
      const back = protobufTs.fromBinary(tsProto.encode(there).finish());
      expect(back).toEqual(value);
      expect(tsProto.decode(protobufTs.toBinary(back))).toEqual(there);
    });
  });

  it("goes from protobuf-ts to ts-proto and back in JSON, unchanged", () => {
    property(message, (value) => {
      const there = tsProto.fromJSON(overTheWire(protobufTs.toJson(value, WRITE_JSON)));
      expect(protobufTs.fromJson(overTheWire(tsProto.toJSON(there)))).toEqual(value);
    });
  });

  it("is the same message to ts-proto, whichever of the two it came in", () => {
    property(message, (value) => {
      const fromBinary = tsProto.decode(protobufTs.toBinary(value));
      const fromJson = tsProto.fromJSON(overTheWire(protobufTs.toJson(value, WRITE_JSON)));
      expect(overTheWire(tsProto.toJSON(fromJson))).toEqual(overTheWire(tsProto.toJSON(fromBinary)));
    });
  });

  it("is read without the fields that a later version may add", () => {
    fc.assert(
      fc.property(messageArbitrary(protobufTs), unknownField(), (value, unknown) => {
        const later = Buffer.concat([protobufTs.toBinary(value), unknown]);
        expect(tsProto.encode(tsProto.decode(later)).finish()).toEqual(
          tsProto.encode(tsProto.decode(protobufTs.toBinary(value))).finish(),
        );
        // protobuf-ts keeps them, so that a message that is passed on loses nothing.
        const read = protobufTs.fromBinary(later);
        expect(UnknownFieldHandler.list(read, UNKNOWN_FIELD)).toHaveLength(1);
        expect(withoutUnknown(protobufTs, read)).toEqual(value);
        expect(Buffer.from(protobufTs.toBinary(read))).toEqual(later);
        const json = {
          ...(overTheWire(protobufTs.toJson(value, WRITE_JSON)) as object),
          added_later: [1, { a: null }],
        };
        expect(protobufTs.fromJson(json, { ignoreUnknownFields: true })).toEqual(value);
        expect(tsProto.toJSON(tsProto.fromJSON(json))).toEqual(tsProto.toJSON(tsProto.decode(later)));
      }),
      RUNS,
    );
  });
});

/** The bytes of one field of any wire type, under a number that no message has. */
function unknownField(): fc.Arbitrary<Uint8Array> {
  const tag = (wireType: WireType) => varint((UNKNOWN_FIELD << 3) | wireType);
  return fc.oneof(
    fc.nat().map((value) => Buffer.from([...tag(WireType.Varint), ...varint(value)])),
    fc.uint8Array({ minLength: 8, maxLength: 8 }).map((value) => Buffer.from([...tag(WireType.Bit64), ...value])),
    fc.uint8Array({ minLength: 4, maxLength: 4 }).map((value) => Buffer.from([...tag(WireType.Bit32), ...value])),
    fc
      .uint8Array({ maxLength: 20 })
      .map((value) => Buffer.from([...tag(WireType.LengthDelimited), ...varint(value.length), ...value])),
  );
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

function withoutUnknown(type: IMessageType<object>, message: object): object {
  return type.fromBinary(type.toBinary(message, { writeUnknownFields: false }));
}
