import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceInfo } from "@protobuf-ts/runtime-rpc";
import { type AuthFiles, createAuthFiles } from "../../deploy/local/auth/create-auth-files";
import type { ServiceName } from "../../deploy/local/stack/components";
import type { Authenticator } from "../../services/platform/auth/authenticator";
import { createCallGate } from "../../services/platform/auth/create-call-gate";
import { openAuthenticator } from "../../services/platform/auth/open-authenticator";
import { openTokenSigner } from "../../services/platform/auth/open-token-signer";
import type { TokenSigner } from "../../services/platform/auth/token-signer";
import { loadContract } from "../../services/platform/contract/load-contract";
import type { Logger } from "../../services/platform/logging/create-logger";
import type { CallGate } from "../../services/platform/twirp/host/call-gate";

/**
 * Makes the keys of all services in a directory of their own.
 *
 * @param onStop is told how to remove them
 */
export async function createTestAuthFiles(
  onStop: (name: string, stop: () => Promise<void>) => void,
): Promise<AuthFiles> {
  const directory = await mkdtemp(join(tmpdir(), "mcsv-auth-"));
  onStop("keys", () => rm(directory, { recursive: true, force: true }));
  return createAuthFiles(directory);
}

/** Finds out who calls a service of a test, as the service itself does. */
export function authenticatorOf(auth: AuthFiles, service: ServiceName, logger: Logger): Promise<Authenticator> {
  const { AUTH_PUBLIC_KEYS_FILE = "", AUTH_API_KEYS_FILE } = auth.env(service);
  return openAuthenticator(
    service,
    {
      authPublicKeysFile: AUTH_PUBLIC_KEYS_FILE,
      authClockToleranceSeconds: 30,
      ...(AUTH_API_KEYS_FILE === undefined ? {} : { authApiKeysFile: AUTH_API_KEYS_FILE }),
    },
    logger,
  );
}

/** Signs the tokens of a service of a test, as the service itself does. */
export function signerOf(auth: AuthFiles, service: "user" | "job", logger: Logger): Promise<TokenSigner> {
  const { AUTH_PRIVATE_KEYS_FILE = "" } = auth.env(service);
  return openTokenSigner(service, { authPrivateKeysFile: AUTH_PRIVATE_KEYS_FILE, authTokenTtlSeconds: 300 }, logger);
}

/** Values of the header `authorization`, for the callers of a test. */
export function credentialsOf(auth: AuthFiles) {
  return {
    application: () => Promise.resolve(`Bearer ${auth.apiKey}`),
    service: (caller: "user" | "job", audience: ServiceName) => async () =>
      `Bearer ${await auth.serviceToken(caller, audience)}`,
    user: (userId: string) => async () => `Bearer ${await auth.userToken(userId)}`,
  };
}

/** The gate of services that a test plays on one port, each as its contract has it. */
export async function gateOf(auth: AuthFiles, contracts: readonly ServiceInfo[], logger: Logger): Promise<CallGate> {
  const gates = new Map<string, CallGate>();
  for (const type of contracts) {
    const { service, operations } = loadContract(type);
    gates.set(
      type.typeName,
      createCallGate({ operations, authenticator: await authenticatorOf(auth, service, logger) }),
    );
  }
  return {
    entranceTo: (fullName) => {
      const gate = gates.get(fullName.slice(0, fullName.indexOf("/")));
      if (gate === undefined) {
        throw new Error(`${fullName} belongs to none of the contracts`);
      }
      return gate.entranceTo(fullName);
    },
  };
}
