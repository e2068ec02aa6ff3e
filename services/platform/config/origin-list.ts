import { type Declared, makeVariable, type Variable, type VariableOptions } from "./variable";

/** Origins of web pages (WHATWG HTML, "origin"): scheme, host and port of http or https URLs, with commas between them. */
export function originList<Optional extends boolean = false>(
  options: VariableOptions<readonly string[], Optional>,
): Variable<Declared<readonly string[], Optional>> {
  return makeVariable(options, {
    allowed: "origins such as http://127.0.0.1:8087, without a path, with commas between them",
    parse: (text) => {
      const origins = text.split(",").map((part) => originOf(part.trim()));
      return origins.includes(undefined) ? undefined : { value: origins.filter((origin) => origin !== undefined) };
    },
    format: (origins) => origins.join(","),
  });
}

/** The origin as browsers send it; undefined for a text that says more or less than an origin. */
function originOf(text: string): string | undefined {
  const url = URL.parse(text);
  const isWeb = url !== null && /^https?:$/.test(url.protocol);
  return isWeb && url.href === `${url.origin}/` && !text.endsWith("/") ? url.origin : undefined;
}
