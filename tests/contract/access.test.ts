import { readFileSync, writeFileSync } from "node:fs";
import { type JSONWebKeySet, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuthFiles } from "../../deploy/local/auth/create-auth-files";
import type { ServiceName } from "../../deploy/local/stack/components";
import { CALLER_ROLES } from "../../services/platform/auth/caller-role";
import { makeKey } from "../../services/platform/auth/testing/test-keys";
import { loadContract } from "../../services/platform/contract/load-contract";
import { sendJson } from "../../services/platform/twirp/testing/send";
import { createTestAuthFiles } from "../support/auth-files";
import { authorizationFor } from "./authorization-for";
import { CONTRACT_SERVICES } from "./contract-messages";
import { type RunningApps, startAllApps } from "./start-all-apps";

/**
 * Who may call what. `yes` is admitted; `no` is known and refused (permission_denied); `-` is unknown to this service
 * (unauthenticated), since it holds no key of that caller, or the caller's token is for other services.
 */
const MATRIX = `
                                     application  user  user-service  job-service
  ClientService/NotifyEmailDelivered      -         -        yes           -
  ClientService/NotifyImageConverted      -         -        yes           -
  UserService/CreateUser                 yes        no       no            no
  UserService/CreateAccessToken          yes        no       no            no
  UserService/GetUser                    yes       yes       no            no
  UserService/CreateUpload               no        yes       no            no
  UserService/ConvertImage               no        yes       no            no
  UserService/GetConversion              no        yes       no            no
  UserService/ListConversions            no        yes       no            no
  UserService/NotifyEmailDelivered       no         no       no           yes
  UserService/NotifyImageConverted       no         no       no           yes
  JobService/EnqueueEmail                no         no      yes            no
  JobService/EnqueueImageConversion      no         no      yes            no
  JobService/GetJob                      yes       yes       no            no
  JobService/ListJobs                    yes       yes       no            no
  JobService/GetQueueStats               yes        no       no            no
  JobService/RedriveQueue                yes        no       no            no
  JobService/GetJobHistory               yes       yes       no            no
  JobService/SearchJobEvents             yes        no       no            no
  JobService/CancelJob                   yes       yes       no            no
  JobService/RetryJob                    yes        no       no            no
  JobService/ReplayJobs                  yes        no       no            no
  JobService/PauseQueue                  yes        no       no            no
  JobService/ResumeQueue                 yes        no       no            no
  EmailService/SendEmail                  -         -        -            yes
  ImageService/ConvertImage               -         -        -            yes
`;

type Verdict = "yes" | "no" | "-";

const [, header = "", ...lines] = MATRIX.trimEnd().split("\n");
const roles = header.trim().split(/ +/);
const CELLS = lines.flatMap((line) => {
  const [method = "", ...verdicts] = line.trim().split(/ +/);
  return roles.map((role, index) => ({ method, role, verdict: verdicts[index] as Verdict }));
});

const METHODS = CONTRACT_SERVICES.flatMap(({ typeName, methods }) =>
  methods.map(({ name }) => `${typeName.replace("mcsv.v1.", "")}/${name}`),
);

const UNAUTHENTICATED = { code: "unauthenticated", msg: "a valid credential is needed" };
const NOT_ADMITTED = { code: "permission_denied", msg: "this caller may not call this method" };

let auth: AuthFiles;
let apps: RunningApps;
const cleanUps: (() => Promise<void>)[] = [];
beforeAll(async () => {
  auth = await createTestAuthFiles((_, remove) => cleanUps.push(remove));
  apps = await startAllApps({ auth });
});
afterAll(async () => {
  await apps.stop();
  await Promise.all(cleanUps.map((cleanUp) => cleanUp()));
});

function serviceOf(method: string): ServiceName {
  return method.replace(/Service\/.*/, "").toLowerCase() as ServiceName;
}

/** Calls a method with an empty message. */
async function call(method: string, authorization: string | undefined) {
  const app = apps.apps.find(({ service }) => service === serviceOf(method)) ?? expect.unreachable(method);
  const headers = authorization === undefined ? {} : { authorization };
  const reply = await sendJson(app.port, `/twirp/mcsv.v1.${method}`, {}, headers);
  return { status: reply.status, body: reply.json(), headers: reply.headers };
}

// First in this file: a service looks for an unknown key at once, and then again only after ten seconds.
describe("a service whose caller replaces its key", () => {
  it("takes tokens of the old and the new one, without a restart", async () => {
    const file = auth.env("job")["AUTH_PUBLIC_KEYS_FILE"] ?? "";
    const { issuers } = JSON.parse(readFileSync(file, "utf8")) as { issuers: Record<string, { keys: object[] }> };
    const next = makeKey("next");
    const answerTo = async (key: JWK) =>
      (await call("JobService/EnqueueEmail", `Bearer ${await sign(claimsOf("user", "job"), key)}`)).body["code"];
    expect(await answerTo(privateKeyOf("user"))).toBe("invalid_argument");
    issuers["user"]?.keys.push(next.publicJwk);
    writeFileSync(file, JSON.stringify({ issuers }));
    expect(await answerTo(next.privateJwk)).toBe("invalid_argument");
    expect(await answerTo(privateKeyOf("user"))).toBe("invalid_argument");
  });
});

describe("who may call what", () => {
  it("is said for every method and every kind of caller", () => {
    expect([...new Set(CELLS.map(({ method }) => method))].sort()).toEqual([...METHODS].sort());
    expect(roles).toEqual(CALLER_ROLES);
  });

  it("is what the specs say", () => {
    const inSpecs = CONTRACT_SERVICES.flatMap((type) =>
      [...loadContract(type).operations].flatMap(([name, { callers }]) =>
        callers.map((role) => `${name.replace("mcsv.v1.", "")} ${role}`),
      ),
    );
    const here = CELLS.filter(({ verdict }) => verdict === "yes").map(({ method, role }) => `${method} ${role}`);
    expect(inSpecs.sort()).toEqual(here.sort());
  });

  it.each(CELLS)("$method, $role: $verdict", async ({ method, role, verdict }) => {
    const authorization = await authorizationFor(auth, role as (typeof CALLER_ROLES)[number], serviceOf(method));
    const { status, body } = await call(method, authorization);
    switch (verdict) {
      case "yes":
        expect(["unauthenticated", "permission_denied"]).not.toContain(body["code"]);
        break;
      case "no":
        expect([status, body]).toEqual([403, NOT_ADMITTED]);
        break;
      case "-":
        expect([status, body]).toEqual([401, UNAUTHENTICATED]);
        break;
      default:
        verdict satisfies never;
    }
  });

  it.each(METHODS)("%s: nobody without a credential", async (method) => {
    const { status, body, headers } = await call(method, undefined);
    expect([status, body, headers["www-authenticate"]]).toEqual([401, UNAUTHENTICATED, "Bearer"]);
  });
});

/** A method of each service, and the service that calls it. */
const CALLS = [
  { method: "ClientService/NotifyEmailDelivered", caller: "user" },
  { method: "UserService/NotifyEmailDelivered", caller: "job" },
  { method: "JobService/EnqueueEmail", caller: "user" },
  { method: "EmailService/SendEmail", caller: "job" },
  { method: "ImageService/ConvertImage", caller: "job" },
] as const;

describe.each(CALLS)("$method takes from the $caller service", ({ method, caller }) => {
  const claims = (over: object = {}) => claimsOf(caller, serviceOf(method), over);
  const signed = (over: object = {}, key = privateKeyOf(caller)) => sign(claims(over), key);

  it("tokens that are good, from a clock that differs by less than half a minute too", async () => {
    for (const over of [{}, { iat: now() + 20 }, { iat: now() - 300, exp: now() - 10 }]) {
      expect((await call(method, `Bearer ${await signed(over)}`)).body["code"]).toBe("invalid_argument");
    }
  });

  it.each<[string, () => Promise<string> | string]>([
    ["has expired", () => signed({ iat: now() - 600, exp: now() - 60 })],
    ["comes from the future", () => signed({ iat: now() + 60, exp: now() + 300 })],
    ["is not valid yet", () => signed({ nbf: now() + 60 })],
    ["is for another service", () => signed({ aud: "docs" })],
    ["is of an issuer without keys here", () => signed({ iss: "docs", sub: "docs" })],
    ["names another subject than its issuer", () => signed({ sub: "admin" })],
    ["names a key that nobody knows", () => signed({}, makeKey("nobody").privateJwk)],
    ["was tampered with", async () => withPayload(await signed(), claims({ exp: now() + 3_000 }))],
    ["is not signed at all", () => new UnsecuredJWT(claims()).encode()],
    ["is signed with the public key as a secret (HS256)", () => signByHmac(claims(), privateKeyOf(caller))],
    ["is no token", () => "eyJhbGciOiJFZERTQSJ9"],
    ["is an API key of nobody", () => `mcsv_${"x".repeat(43)}`],
  ])("no credential that %s, and says nothing of why", async (_what, make) => {
    const { status, body } = await call(method, `Bearer ${await make()}`);
    expect([status, body]).toEqual([401, UNAUTHENTICATED]);
  });
});

/** The private key of a service. */
function privateKeyOf(caller: "user" | "job"): JWK {
  const file = auth.env(caller)["AUTH_PRIVATE_KEYS_FILE"] ?? "";
  const { keys } = JSON.parse(readFileSync(file, "utf8")) as JSONWebKeySet;
  return keys[0] ?? expect.unreachable(`no key of ${caller}`);
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** Claims of a good token with which a service calls another one. */
function claimsOf(caller: string, audience: ServiceName, over: object = {}): JWTPayload {
  return { iss: caller, sub: caller, aud: audience, role: "service", iat: now(), exp: now() + 300, ...over };
}

function sign(claims: JWTPayload, key: JWK): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "EdDSA", kid: key.kid ?? "" }).sign({ ...key, alg: "EdDSA" });
}

function signByHmac(claims: JWTPayload, { kid = "", x = "" }: JWK): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid }).sign(Buffer.from(x, "base64url"));
}

function withPayload(token: string, claims: JWTPayload): string {
  const [head, , signature] = token.split(".");
  return `${head}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`;
}
