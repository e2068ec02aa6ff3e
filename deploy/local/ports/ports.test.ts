import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePort, freePorts, tryListening } from "./free-ports";
import { findPortHolder } from "./port-holder";

describe("freePorts", () => {
  it("gives different ports that can be listened on", async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
    for (const port of ports) {
      const server = await tryListening(port);
      expect(server).toBeDefined();
      server?.close();
    }
  });
});

describe.runIf(process.platform === "linux")("findPortHolder", () => {
  it("names the process that listens", async () => {
    const script = "const s = require('node:net').createServer().listen(0, () => console.log(s.address().port))";
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    const [output] = (await once(child.stdout, "data")) as [Buffer];
    const holder = await findPortHolder(Number(output.toString()));
    expect(holder?.pid).toBe(child.pid);
    expect(holder?.command).toContain("createServer");
  });

  it("finds nobody on a free port", async () => {
    expect(await findPortHolder(await freePort())).toBeUndefined();
  });
});
