import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { CONFIGURATION_DOCUMENT, configurationDocument } from "./configuration";

mkdirSync(dirname(CONFIGURATION_DOCUMENT), { recursive: true });
writeFileSync(CONFIGURATION_DOCUMENT, configurationDocument());
process.stdout.write(`wrote ${CONFIGURATION_DOCUMENT}\n`);
