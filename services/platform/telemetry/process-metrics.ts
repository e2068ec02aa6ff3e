import type { Meter } from "@opentelemetry/api";
import type { BuildInfo } from "./build-info";

/** Time of the process' processors by mode, its memory and what it was built from, read whenever somebody scrapes. */
export function observeProcess(meter: Meter, build: BuildInfo): void {
  meter
    .createObservableCounter("process.cpu.time", { unit: "s", description: "Processor time that the process used." })
    .addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe(user / 1e6, { "cpu.mode": "user" });
      result.observe(system / 1e6, { "cpu.mode": "system" });
    });
  meter
    .createObservableUpDownCounter("process.memory.usage", {
      unit: "By",
      description: "Physical memory that the process uses (resident set).",
    })
    .addCallback((result) => result.observe(process.memoryUsage.rss()));
  meter
    .createObservableGauge("process.uptime", { unit: "s", description: "Time since the process started." })
    .addCallback((result) => result.observe(process.uptime()));
  meter
    .createObservableGauge("mcsv.build.info", { description: "Always 1; its labels say what runs." })
    .addCallback((result) =>
      result.observe(1, { version: build.version, revision: build.revision, node_version: process.version }),
    );
}
