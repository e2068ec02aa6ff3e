import { request } from "node:http";
import { CreateBucketCommand, GetObjectCommand } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "./start-test-server";

// Keys, time, bodies and signatures of Amazon's examples in "Signature calculations for the authorization header:
// transferring payload in multiple chunks", without and with trailing headers.
const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const signedAt = Date.UTC(2013, 4, 24);
const data = Buffer.alloc(66_560, "a");

let server: TestServer;
let now = Date.now();
beforeEach(async () => {
  now = Date.now();
  server = await startTestServer({ credentials: [credentials], now: () => now }, credentials);
  await server.client.send(new CreateBucketCommand({ Bucket: "examplebucket" }));
  now = signedAt;
});
afterEach(() => server.close());

const withoutTrailer = {
  signedHeaders: {
    "content-encoding": "aws-chunked",
    "content-length": "66824",
    host: "s3.amazonaws.com",
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "x-amz-date": "20130524T000000Z",
    "x-amz-decoded-content-length": "66560",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
  },
  signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
  chunks: [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
  ],
  trailer: "",
};

const withTrailer = {
  signedHeaders: {
    "content-encoding": "aws-chunked",
    host: "s3.amazonaws.com",
    "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "x-amz-date": "20130524T000000Z",
    "x-amz-decoded-content-length": "66560",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
    "x-amz-trailer": "x-amz-checksum-crc32c",
  },
  signature: "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
  chunks: [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
  ],
  trailer:
    "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n",
};

type Example = typeof withTrailer | typeof withoutTrailer;

function framed({ chunks: [first, second, last], trailer }: Example, content = data): Buffer {
  return Buffer.concat([
    Buffer.from(`10000;chunk-signature=${first}\r\n`),
    content.subarray(0, 65_536),
    Buffer.from(`\r\n400;chunk-signature=${second}\r\n`),
    content.subarray(65_536),
    Buffer.from(`\r\n0;chunk-signature=${last}\r\n${trailer}\r\n`),
  ]);
}

/** Sends an example in pieces of a size that fits no border, and gives the status and error code. */
async function put(example: Example, body: Buffer): Promise<string> {
  const names = Object.keys(example.signedHeaders).join(";");
  const credential = `${credentials.accessKeyId}/20130524/us-east-1/s3/aws4_request`;
  const upload = request(`${server.url}/examplebucket/chunkObject.txt`, {
    method: "PUT",
    headers: {
      ...example.signedHeaders,
      authorization: `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${names},Signature=${example.signature}`,
    },
  });
  const answer = new Promise<string>((resolve, reject) => {
    upload.on("error", reject);
    upload.on("response", (response) => {
      response.toArray().then((chunks) => {
        const [, code = ""] = /<Code>(.*)<\/Code>/.exec(Buffer.concat(chunks).toString()) ?? [];
        resolve(`${response.statusCode} ${code}`.trim());
      }, reject);
    });
  });
  for (let offset = 0; offset < body.length; offset += 4001) {
    upload.write(body.subarray(offset, offset + 4001));
  }
  upload.end();
  return await answer;
}

async function stored(): Promise<Buffer> {
  now = Date.now();
  const { Body } = await server.client.send(new GetObjectCommand({ Bucket: "examplebucket", Key: "chunkObject.txt" }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

describe.each([
  ["chunks that are signed", withoutTrailer],
  ["signed chunks with a signed trailer", withTrailer],
])("%s", (_name, example) => {
  it("are stored without their framing", async () => {
    expect(await put(example, framed(example))).toBe("200");
    expect((await stored()).equals(data)).toBe(true);
  });

  it("are refused when a byte of data was changed", async () => {
    const content = Buffer.from(data);
    content[66_000] = 0x62;
    expect(await put(example, framed(example, content))).toBe("403 SignatureDoesNotMatch");
    await expect(stored()).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it("are refused when a chunk is missing, or a signature", async () => {
    const [first, , last] = example.chunks;
    const body = Buffer.concat([
      Buffer.from(`10000;chunk-signature=${first}\r\n`),
      data.subarray(0, 65_536),
      Buffer.from(`\r\n0;chunk-signature=${last}\r\n${example.trailer}\r\n`),
    ]);
    const padded = Buffer.concat([body, Buffer.alloc(framed(example).length - body.length)]);
    expect(await put(example, padded)).toBe("403 SignatureDoesNotMatch");
    const unsigned = framed(example).toString("latin1").replace(`;chunk-signature=${first}`, "");
    const same = Buffer.from(unsigned.padEnd(framed(example).length, "\0"), "latin1");
    expect(await put(example, same)).toBe("403 SignatureDoesNotMatch");
  });
});

it("refuses a trailer that was changed", async () => {
  const changed = framed(withTrailer).toString("latin1").replace("sOO8/Q==", "AAAA/Q==");
  expect(await put(withTrailer, Buffer.from(changed, "latin1"))).toBe("403 SignatureDoesNotMatch");
});
