import { init } from "/assets/redoc.standalone.js";

const element = document.getElementById("redoc");

await init(element.dataset.spec, { disableTelemetry: true }, element);
