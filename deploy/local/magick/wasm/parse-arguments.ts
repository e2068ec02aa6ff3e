/** One thing to do to the image, or one setting, in the order of the command line. */
export type Step =
  | { readonly kind: "auto-orient" | "repage" | "strip" | "alpha-remove" | "alpha-off" | "gravity-none" }
  | { readonly kind: "resize"; readonly geometry: string }
  | { readonly kind: "background"; readonly colour: string }
  | { readonly kind: "gravity-center" }
  | { readonly kind: "extent"; readonly widthPx: number; readonly heightPx: number }
  | { readonly kind: "density"; readonly dpi: number }
  | { readonly kind: "compress"; readonly method: "JPEG" | "Zip" }
  | { readonly kind: "quality"; readonly quality: number };

/** A command line that was understood. */
export type Command =
  | { readonly kind: "version" }
  | {
      readonly kind: "convert";
      readonly inputFormat: "png" | "jpeg";
      readonly steps: readonly Step[];
      readonly defines: readonly (readonly [name: string, value: string])[];
    };

/** A command line that the real magick may understand and this one does not. */
export class UnsupportedArgumentError extends Error {
  override readonly name = "UnsupportedArgumentError";
}

const WITHOUT_VALUE: Readonly<Record<string, Step>> = {
  "-auto-orient": { kind: "auto-orient" },
  "+repage": { kind: "repage" },
  "-strip": { kind: "strip" },
  "+gravity": { kind: "gravity-none" },
};

/**
 * Reads the part of magick's command line that the image service writes: settings, `png:-` or `jpeg:-`, operations,
 * `pdf:-`.
 *
 * @throws UnsupportedArgumentError for anything else, naming the argument
 */
export function parseArguments(args: readonly string[]): Command {
  if (args.length === 1 && (args[0] === "-version" || args[0] === "--version")) {
    return { kind: "version" };
  }
  const steps: Step[] = [];
  const defines: [string, string][] = [];
  let inputFormat: "png" | "jpeg" | undefined;
  if (args.at(-1) !== "pdf:-") {
    throw new UnsupportedArgumentError("the last argument must be pdf:-, the PDF on standard output");
  }
  const rest = args.slice(0, -1);
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const single = WITHOUT_VALUE[argument];
    if (argument === "png:-" || argument === "jpeg:-") {
      if (inputFormat !== undefined) {
        throw new UnsupportedArgumentError(`a second image, ${argument}`);
      }
      inputFormat = argument === "png:-" ? "png" : "jpeg";
    } else if (single !== undefined) {
      steps.push(single);
    } else if (argument === "-limit") {
      checkLimit(rest.shift(), rest.shift());
    } else {
      const value = rest.shift();
      if (value === undefined) {
        throw new UnsupportedArgumentError(`${argument} without a value`);
      }
      if (argument === "-define") {
        const [name = "", ...words] = value.split("=");
        defines.push([name, words.join("=")]);
      } else {
        steps.push(...withValue(argument, value));
      }
    }
  }
  if (inputFormat === undefined) {
    throw new UnsupportedArgumentError("the image must be png:- or jpeg:-, on standard input");
  }
  return { kind: "convert", inputFormat, steps, defines };
}

/** One thread is all there is; every other limit is the policy's. */
function checkLimit(resource: string | undefined, value: string | undefined): void {
  if (resource !== "thread" || value !== "1") {
    throw new UnsupportedArgumentError(`-limit ${resource ?? ""} ${value ?? ""}`);
  }
}

function withValue(argument: string, value: string): Step[] {
  switch (`${argument} ${value}`) {
    // The only unit that densities are taken in.
    case "-units PixelsPerInch":
      return [];
    case "-alpha remove":
      return [{ kind: "alpha-remove" }];
    case "-alpha off":
      return [{ kind: "alpha-off" }];
    case "-gravity center":
      return [{ kind: "gravity-center" }];
    case "-compress JPEG":
      return [{ kind: "compress", method: "JPEG" }];
    case "-compress Zip":
      return [{ kind: "compress", method: "Zip" }];
    default:
      return withNumbers(argument, value);
  }
}

function withNumbers(argument: string, value: string): Step[] {
  const size = /^(\d{1,5})x(\d{1,5})$/.exec(value);
  if (argument === "-resize" && /^(\d{1,5}|\d{0,5}x\d{1,5})>$/.test(value)) {
    return [{ kind: "resize", geometry: value }];
  }
  if (argument === "-extent" && size !== null) {
    return [{ kind: "extent", widthPx: Number(size[1]), heightPx: Number(size[2]) }];
  }
  if (argument === "-background" && /^#[0-9a-fA-F]{6}$/.test(value)) {
    return [{ kind: "background", colour: value }];
  }
  if (argument === "-density" && /^\d{1,4}$/.test(value)) {
    return [{ kind: "density", dpi: Number(value) }];
  }
  if (argument === "-quality" && /^\d{1,3}$/.test(value)) {
    return [{ kind: "quality", quality: Number(value) }];
  }
  throw new UnsupportedArgumentError(`${argument} ${value}`);
}
