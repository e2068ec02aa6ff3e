import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** Checksum algorithms of S3, by the name in `x-amz-checksum-<name>`. */
export const checksumNames = ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] as const;

/** Name of a checksum algorithm. */
export type ChecksumName = (typeof checksumNames)[number];

/** A running checksum. */
export interface Checksum {
  update(chunk: Uint8Array): void;
  /** The checksum's bytes, big-endian; to be called once. */
  digest(): Buffer;
}

/** Starts a checksum. */
export function createChecksum(name: ChecksumName | "md5"): Checksum {
  switch (name) {
    case "crc32":
      return createCrc32();
    case "crc32c":
      return createCrc32c();
    case "crc64nvme":
      return createCrc64Nvme();
    case "sha1":
    case "sha256":
    case "md5":
      return createHash(name);
    default:
      return name satisfies never;
  }
}

/** The algorithm of a name in any case, or undefined. */
export function checksumNamed(name: string): ChecksumName | undefined {
  return checksumNames.find((known) => known === name.toLowerCase());
}

function createCrc32(): Checksum {
  let value = 0;
  return {
    update: (chunk) => {
      value = crc32(chunk, value);
    },
    digest: () => uint32(value),
  };
}

function createCrc32c(): Checksum {
  const table = reflectedTable32(0x82f63b78);
  let value = 0xffffffff;
  return {
    update: (chunk) => {
      let crc = value;
      for (let index = 0; index < chunk.length; index++) {
        crc = (table[(crc ^ (chunk[index] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
      }
      value = crc;
    },
    digest: () => uint32((value ^ 0xffffffff) >>> 0),
  };
}

/** CRC-64/NVME (reflected polynomial 0x9a6c9329ac4bc9b5), kept in two 32-bit halves: BigInt is far slower. */
function createCrc64Nvme(): Checksum {
  const { high, low } = reflectedTable64(0x9a6c9329ac4bc9b5n);
  let upper = 0xffffffff;
  let lower = 0xffffffff;
  return {
    update: (chunk) => {
      for (let index = 0; index < chunk.length; index++) {
        const slot = (lower ^ (chunk[index] ?? 0)) & 0xff;
        lower = ((lower >>> 8) | (upper << 24)) ^ (low[slot] ?? 0);
        upper = (upper >>> 8) ^ (high[slot] ?? 0);
      }
    },
    digest: () => Buffer.concat([uint32(~upper >>> 0), uint32(~lower >>> 0)]),
  };
}

function reflectedTable32(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_unused, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    }
    return value >>> 0;
  });
}

function reflectedTable64(polynomial: bigint): { high: Uint32Array; low: Uint32Array } {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    }
    high[byte] = Number(value >> 32n);
    low[byte] = Number(value & 0xffffffffn);
  }
  return { high, low };
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
