import { join, relative } from "node:path";
import { findAlertmanager } from "../stack/alertmanager";
import { bringUp } from "../stack/bring-up";
import { findPrometheus } from "../stack/prometheus";
import { stackLayout } from "../stack/stack-layout";
import type { CommandContext } from "./command-context";
import { describeStack } from "./describe-stack";

/** Brings the stack up and prints where everything is. */
export async function up({ directory, env, magick, signal, write }: CommandContext): Promise<void> {
  const began = Date.now();
  const chosen = await magick();
  const { outcome, ports, portOffset, renewed } = await bringUp({
    directory,
    env,
    magick: chosen.command,
    signal,
    limitMs: 60_000,
    log: (line) => write(`${line}\n`),
  });
  const has = { prometheus: findPrometheus(env) !== undefined, alertmanager: findAlertmanager(env) !== undefined };
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  const headline = {
    started: `The stack is up after ${seconds} s.`,
    running: "The stack is up already.",
    renewed: `The stack is up; restarted what had changed: ${renewed.join(", ")}.`,
  }[outcome];
  write(`${headline}\n\n${describeStack(ports, stackLayout(directory), has)}\n`);
  const apiKeyFile = relative(process.cwd(), join(stackLayout(directory).auth, "api-key"));
  write(`  API key: in ${apiKeyFile}, for the header "authorization: Bearer <key>"; the CLI finds it there\n`);
  write(`  magick: ${chosen.command} (${chosen.kind}, ${chosen.version})\n`);
  if (!has.prometheus) write("  Prometheus is not installed: metrics are at /metrics of each service only\n");
  if (!has.alertmanager) write("  Alertmanager is not installed: nobody is told of alerts\n");
  if (portOffset > 0) {
    write(
      `  ports are moved by ${portOffset}, also for later commands here (MCSV_PORT_OFFSET=0 make up moves them back)\n`,
    );
  }
  write("  make ps, make logs, make down; npm run -s mcsv -- --help\n");
}
