import { join } from "node:path";

/** Where a stack keeps its state. */
export interface StackLayout {
  readonly directory: string;
  /** The offset of the last `up`, for commands that come later. */
  readonly stateFile: string;
  readonly credentialsFile: string;
  /** Keys of the services and of their callers. */
  readonly auth: string;
  readonly run: string;
  readonly logs: string;
  readonly postgres: string;
  readonly s3: string;
  readonly inbox: string;
  readonly prometheus: string;
  readonly alertmanager: string;
}

/** @param directory `.local` of a checkout, or a test's temporary directory. */
export function stackLayout(directory: string): StackLayout {
  return {
    directory,
    stateFile: join(directory, "stack.json"),
    credentialsFile: join(directory, "credentials.json"),
    auth: join(directory, "auth"),
    run: join(directory, "run"),
    logs: join(directory, "logs"),
    postgres: join(directory, "postgres"),
    s3: join(directory, "s3"),
    inbox: join(directory, "inbox"),
    prometheus: join(directory, "prometheus"),
    alertmanager: join(directory, "alertmanager"),
  };
}
