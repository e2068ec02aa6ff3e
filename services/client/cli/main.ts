#!/usr/bin/env node
import { run } from "./run";

void run(process.argv, process.env, process, process.cwd()).then((code) => {
  process.exitCode = code;
});
