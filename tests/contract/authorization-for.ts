import { randomUUID } from "node:crypto";
import type { AuthFiles } from "../../deploy/local/auth/create-auth-files";
import type { ServiceName } from "../../deploy/local/stack/components";
import type { CallerRole } from "../../services/platform/auth/caller-role";

/** Value of the header `authorization` with which a caller of a role calls a service; a user is somebody unknown. */
export async function authorizationFor(auth: AuthFiles, role: CallerRole, service: ServiceName): Promise<string> {
  switch (role) {
    case "application":
      return `Bearer ${auth.apiKey}`;
    case "user":
      return `Bearer ${await auth.userToken(randomUUID())}`;
    case "user-service":
      return `Bearer ${await auth.serviceToken("user", service)}`;
    case "job-service":
      return `Bearer ${await auth.serviceToken("job", service)}`;
    default:
      return role satisfies never;
  }
}
