import type { ErrorObject, ValidateFunction } from "ajv";
import Ajv2020 from "ajv/dist/2020";
import { NUMBER_FORMATS, TEXT_FORMATS } from "./formats";
import type { SpecNode } from "./spec-node";

/** Keywords of ours, which say nothing to the validator. openapi/README.md explains them. */
const ANNOTATIONS = ["x-message", "x-oneof", "x-optional", "x-max-bytes", "x-unicode-form"];

/** Compiled schemas of one document. */
export interface CompiledSchemas {
  /**
   * The check of a schema, by its name below components.schemas: the first violation that it finds in a value, as ajv tells it
   * (composite keywords after what they are made of), or none.
   */
  compile(name: string): (value: unknown) => readonly ErrorObject[];
}

/**
 * Prepares schemas for validation by ajv, as JSON Schema 2020-12 has it: patterns with the flag u, lengths in characters.
 *
 * @param schemas by their names; they refer to each other by `#/components/schemas/<name>`
 * @throws Error for a keyword or format that nobody knows, when a schema with it is compiled
 */
export function compileSchemas(schemas: SpecNode): CompiledSchemas {
  const ajv = new Ajv2020({
    strict: true,
    // What these two demand, OpenAPI does not: a type beside every keyword, and a property for every name in `required`.
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    validateSchema: false,
    // Errors with the schema that they come from: its x-message is what people read.
    verbose: true,
  });
  // "components" is where OpenAPI keeps schemas, and no keyword.
  ajv.addVocabulary([...ANNOTATIONS, "components"]);
  for (const [name, { holds }] of Object.entries(TEXT_FORMATS)) {
    ajv.addFormat(name, { type: "string", validate: holds });
  }
  for (const name of NUMBER_FORMATS) {
    ajv.addFormat(name, true);
  }
  ajv.addSchema({ components: { schemas } }, "spec");
  return {
    compile: (name) => {
      const validate: ValidateFunction = ajv.compile({ $ref: `spec#/components/schemas/${name}` });
      return (value) => (validate(value) ? [] : (validate.errors ?? []));
    },
  };
}
