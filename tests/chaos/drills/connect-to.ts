import { Client } from "pg";
import type { Scene } from "../scene";

/** Connects to a database of the stack as the superuser. The caller ends the connection. */
export async function connectTo({ stack }: Scene, database: string): Promise<Client> {
  const url = new URL(stack.superuserUrl);
  url.pathname = `/${database}`;
  const client = new Client({ connectionString: url.href });
  // A drill that is ended takes the server away.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}
