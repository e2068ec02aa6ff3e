import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { type S3Server, type S3ServerOptions, startS3Server } from "./start-s3-server";

/** A server of a test with the client to drive it. */
export interface TestServer {
  readonly url: string;
  readonly dataDirectory: string;
  readonly client: S3Client;
  /** Another client of the same server. */
  clientWith(config: S3ClientConfig): S3Client;
  /** Stops the server and starts one on the same folder and port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Keys that the server of a test accepts. */
export const testCredentials = { accessKeyId: "test-key", secretAccessKey: "test-secret-0123456789" };

/** Starts a server on a free port and a folder of its own, with a bucket named `mcsv`; the client uses the credentials. */
export async function startTestServer(
  options: Partial<S3ServerOptions> = {},
  credentials = testCredentials,
): Promise<TestServer> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "mcsv-s3-"));
  const start = (port: number) => startS3Server({ port, dataDirectory, credentials: [credentials], ...options });
  let server: S3Server = await start(0);
  const { url, port } = server;
  const clients: S3Client[] = [];
  const clientWith = (config: S3ClientConfig) => {
    const client = new S3Client({
      endpoint: url,
      region: "us-east-1",
      forcePathStyle: true,
      credentials,
      maxAttempts: 1,
      ...config,
    });
    clients.push(client);
    return client;
  };
  const client = clientWith({});
  await client.send(new CreateBucketCommand({ Bucket: "mcsv" }));
  return {
    url,
    dataDirectory,
    client,
    clientWith,
    restart: async () => {
      await server.close();
      server = await start(port);
    },
    close: async () => {
      for (const each of clients) {
        each.destroy();
      }
      await server.close();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
