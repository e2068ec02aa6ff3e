import { createHash, createHmac } from "node:crypto";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer, testCredentials } from "./start-test-server";

const Bucket = "mcsv";
let server: TestServer;
let clockOffsetMs = 0;
beforeEach(async () => {
  clockOffsetMs = 0;
  server = await startTestServer({ now: () => Date.now() + clockOffsetMs });
  await server.client.send(new PutObjectCommand({ Bucket, Key: "a.txt", Body: "text", ContentType: "text/plain" }));
});
afterEach(() => server.close());

async function outcome(url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  const body = await response.text();
  return response.ok ? String(response.status) : `${response.status} ${/<Code>(.*)<\/Code>/.exec(body)?.[1]}`;
}

describe("signed headers", () => {
  const get = new GetObjectCommand({ Bucket, Key: "a.txt" });

  it("refuses a wrong secret, an unknown key and requests without any", async () => {
    const wrongSecret = server.clientWith({ credentials: { ...testCredentials, secretAccessKey: "guess" } });
    await expect(wrongSecret.send(get)).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
      $metadata: { httpStatusCode: 403 },
    });
    const unknownKey = server.clientWith({ credentials: { accessKeyId: "who", secretAccessKey: "guess" } });
    await expect(unknownKey.send(get)).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
    expect(await outcome(`${server.url}/mcsv/a.txt`)).toBe("403 AccessDenied");
    expect(await outcome(server.url)).toBe("403 AccessDenied");
  });

  it("refuses a clock that is more than 15 minutes off, either way", async () => {
    for (const minutes of [16, -16]) {
      clockOffsetMs = minutes * 60_000;
      await expect(server.clientWith({}).send(get)).rejects.toMatchObject({ name: "RequestTimeTooSkewed" });
    }
    clockOffsetMs = 14 * 60_000;
    await expect(server.clientWith({}).send(get)).resolves.toMatchObject({ ContentLength: 4 });
  });

  it("refuses another region when it has one", async () => {
    const strict = await startTestServer({ region: "us-east-1" });
    await expect(strict.clientWith({ region: "eu-west-1" }).send(get)).rejects.toMatchObject({
      name: "AuthorizationHeaderMalformed",
    });
    await strict.close();
  });

  it("refuses a request that was changed on the way: method, path, query, header, body", async () => {
    const signed = signedRequest("PUT", "/mcsv/b.txt", "body");
    expect(await outcome(`${server.url}/mcsv/b.txt`, signed)).toBe("200");
    expect(await outcome(`${server.url}/mcsv/c.txt`, signed)).toBe("403 SignatureDoesNotMatch");
    expect(await outcome(`${server.url}/mcsv/b.txt?acl`, signed)).toBe("403 SignatureDoesNotMatch");
    expect(await outcome(`${server.url}/mcsv/b.txt`, { ...signed, method: "DELETE" })).toBe(
      "403 SignatureDoesNotMatch",
    );
    const header = { ...signed, headers: { ...signed.headers, "content-type": "text/html" } };
    expect(await outcome(`${server.url}/mcsv/b.txt`, header)).toBe("403 SignatureDoesNotMatch");
    const body = { ...signed, body: "bodY" };
    expect(await outcome(`${server.url}/mcsv/b.txt`, body)).toBe("400 XAmzContentSHA256Mismatch");
    const unsigned = { ...signed, headers: { ...signed.headers, "x-amz-meta-extra": "1" } };
    expect(await outcome(`${server.url}/mcsv/b.txt`, unsigned)).toBe("403 AccessDenied");
  });

  it.each([
    ["Bearer abc", "400 InvalidRequest"],
    ["AWS4-HMAC-SHA256 nonsense", "400 AuthorizationHeaderMalformed"],
    ["AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0", "400 AuthorizationHeaderMalformed"],
  ])("refuses the malformed header %j", async (authorization, expected) => {
    const headers = { authorization, "x-amz-date": amzDate(new Date()) };
    expect(await outcome(`${server.url}/mcsv/a.txt`, { headers })).toBe(expected);
  });
});

describe("presigned URLs", () => {
  const get = (more: object = {}) => new GetObjectCommand({ Bucket, Key: "a.txt", ...more });
  const sign = (expiresIn = 60, client: S3Client = server.client) => getSignedUrl(client, get(), { expiresIn });

  it("downloads by GET, and overrides what the answer says of itself", async () => {
    const url = await getSignedUrl(
      server.client,
      get({ ResponseContentDisposition: 'attachment; filename="é.pdf"', ResponseContentType: "application/pdf" }),
    );
    const response = await fetch(url);
    expect(await response.text()).toBe("text");
    expect(response.headers.get("content-type")).toBe("application/pdf");
    const disposition = response.headers.get("content-disposition") ?? "";
    expect(Buffer.from(disposition, "latin1").toString()).toBe('attachment; filename="é.pdf"');
    const range = await fetch(url, { headers: { range: "bytes=1-2" } });
    expect([range.status, await range.text()]).toEqual([206, "ex"]);
  });

  it("refuses one that has expired, is from the future, or was valid for more than a week", async () => {
    const url = await sign(60);
    clockOffsetMs = 61_000;
    const response = await fetch(url);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("<Code>AccessDenied</Code><Message>Request has expired</Message>");
    clockOffsetMs = -16 * 60_000;
    expect(await outcome(url)).toBe("403 AccessDenied");
    clockOffsetMs = 0;
    expect(await outcome(url.replace("X-Amz-Expires=60", "X-Amz-Expires=604801"))).toBe(
      "400 AuthorizationQueryParametersError",
    );
  });

  it("refuses one that was tampered with in any part", async () => {
    const url = await sign();
    expect(await outcome(url)).toBe("200");
    for (const [part, other] of [
      ["/a.txt", "/b.txt"],
      ["X-Amz-Expires=60", "X-Amz-Expires=6000"],
      ["X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host%3Brange"],
      ["x-id=GetObject", "x-id=GetObject&response-content-type=text%2Fhtml"],
      [/X-Amz-Signature=./, "X-Amz-Signature=z"],
      [/X-Amz-Signature=\w+/, "X-Amz-Signature="],
    ] as const) {
      const tampered = url.replace(part, other);
      expect(tampered).not.toBe(url);
      expect(await outcome(tampered)).toBe("403 SignatureDoesNotMatch");
    }
    expect(await outcome(url, { method: "PUT", body: "x" })).toBe("403 SignatureDoesNotMatch");
    expect(await outcome(url, { method: "DELETE" })).toBe("403 SignatureDoesNotMatch");
  });

  it("refuses a wrong secret and an unknown key", async () => {
    const wrong = server.clientWith({ credentials: { ...testCredentials, secretAccessKey: "guess" } });
    expect(await outcome(await sign(60, wrong))).toBe("403 SignatureDoesNotMatch");
    const unknown = server.clientWith({ credentials: { accessKeyId: "who", secretAccessKey: "guess" } });
    expect(await outcome(await sign(60, unknown))).toBe("403 InvalidAccessKeyId");
  });

  it("is bound to the host that it was signed for", async () => {
    const url = await sign();
    expect(await outcome(url.replace("127.0.0.1", "localhost"))).toBe("403 SignatureDoesNotMatch");
  });

  it("uploads by PUT only with the signed length and type", async () => {
    const client = server.clientWith({ requestChecksumCalculation: "WHEN_REQUIRED" });
    const url = await getSignedUrl(
      client,
      new PutObjectCommand({ Bucket, Key: "up.png", ContentType: "image/png", ContentLength: 5 }),
      { signableHeaders: new Set(["content-type", "content-length", "host"]), unhoistableHeaders: new Set() },
    );
    expect(url).toContain("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost");
    const put = (body: string | ReadableStream, type: string) =>
      outcome(url, { method: "PUT", body, headers: { "content-type": type }, duplex: "half" } as RequestInit);
    expect(await put("12345", "image/jpeg")).toBe("403 SignatureDoesNotMatch");
    expect(await put("123456", "image/png")).toBe("403 SignatureDoesNotMatch");
    expect(await put(new Blob(["12345"]).stream(), "image/png")).toBe("403 SignatureDoesNotMatch");
    expect(await put("12345", "image/png")).toBe("200");
  });

  it("holds an upload to a checksum that was signed into the URL", async () => {
    const ChecksumSHA256 = createHash("sha256").update("right").digest("base64");
    const url = await getSignedUrl(server.client, new PutObjectCommand({ Bucket, Key: "sum", ChecksumSHA256 }));
    expect(await outcome(url, { method: "PUT", body: "wrong" })).toBe("400 BadDigest");
    expect(await outcome(url, { method: "PUT", body: "right" })).toBe("200");
  });
});

it("lets browsers of any origin upload: preflight unsigned, ETag exposed", async () => {
  const preflight = await fetch(`${server.url}/mcsv/x`, {
    method: "OPTIONS",
    headers: {
      origin: "http://app.example",
      "access-control-request-method": "PUT",
      "access-control-request-headers": "content-type,x-amz-meta-a",
    },
  });
  expect(preflight.status).toBe(200);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  expect(preflight.headers.get("access-control-allow-methods")).toContain("PUT");
  expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type,x-amz-meta-a");
  const url = await getSignedUrl(server.client, new GetObjectCommand({ Bucket, Key: "a.txt" }));
  const response = await fetch(url, { headers: { origin: "http://app.example" } });
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(response.headers.get("access-control-expose-headers")).toContain("ETag");
});

it("answers a health check without a signature", async () => {
  expect(await outcome(`${server.url}/healthz`)).toBe("200");
});

it("refuses bucket names that S3 refuses", async () => {
  for (const name of ["ab", "Upper", "dots..twice", "-dash", "under_score"]) {
    await expect(server.client.send(new CreateBucketCommand({ Bucket: name }))).rejects.toMatchObject({
      name: "InvalidBucketName",
    });
  }
});

function amzDate(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d+/g, "");
}

/** A request signed by hand from the text of the specification, so that the SDK is not the only witness. */
function signedRequest(method: string, path: string, body: string) {
  const timestamp = amzDate(new Date());
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const headers: Record<string, string> = {
    "content-type": "text/plain",
    host: new URL(server.url).host,
    "x-amz-content-sha256": sha256(body),
    "x-amz-date": timestamp,
  };
  const names = Object.keys(headers).join(";");
  const canonical = [
    method,
    path,
    "",
    ...Object.entries(headers).map(([name, value]) => `${name}:${value}`),
    "",
    names,
    sha256(body),
  ].join("\n");
  const day = timestamp.slice(0, 8);
  const scope = `${day}/eu-central-1/s3/aws4_request`;
  const key = ["eu-central-1", "s3", "aws4_request"].reduce(hmac, hmac(`AWS4${testCredentials.secretAccessKey}`, day));
  const signature = hmac(key, ["AWS4-HMAC-SHA256", timestamp, scope, sha256(canonical)].join("\n")).toString("hex");
  const credential = `${testCredentials.accessKeyId}/${scope}`;
  return {
    method,
    body,
    headers: {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${names},Signature=${signature}`,
    },
  };
}
