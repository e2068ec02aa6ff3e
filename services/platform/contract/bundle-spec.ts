import { child, isNode, type SpecNode } from "./spec-node";

/** `email.yaml#/components/schemas/Email`, or the same without a file. */
const REFERENCE = /^([\w.-]*)#\/components\/([^/]+)\/([^/]+)$/;

/** A named part of some file: what a reference leads to. */
interface Component {
  readonly file: string;
  readonly section: string;
  readonly name: string;
}

/**
 * Makes one document of a spec and the files that it refers to: what it needs of them becomes components of its own, under the
 * same names, and every reference stays within the document.
 *
 * @param main name of the spec's file
 * @param read gives a file of the specs by its name
 * @throws Error for a reference of another form or without a target, and for two different components of one name
 */
export function bundleSpec(main: string, read: (file: string) => SpecNode): SpecNode {
  const components = new Map<string, Map<string, { from: Component; value: unknown }>>();

  /** Takes a component in, and all that it refers to; gives the reference to it. */
  const include = (wanted: Component): string => {
    const component = definitionOf(wanted);
    const { section, name, file } = component;
    const entries = components.get(section) ?? new Map();
    components.set(section, entries);
    const known = entries.get(name);
    if (known !== undefined && known.from.file !== file) {
      throw new Error(`${file} and ${known.from.file} both have components.${section}.${name}, and ${main} needs both`);
    }
    if (known === undefined) {
      // Entered before its own references are followed, for it may refer to itself.
      const entry: { from: Component; value: unknown } = { from: component, value: undefined };
      entries.set(name, entry);
      entry.value = rewrite(content(component), file);
    }
    return `#/components/${section}/${name}`;
  };

  /** Where a component stands that is nothing but a reference to one of the same name elsewhere. */
  const definitionOf = (component: Component): Component => {
    const value = content(component);
    const reference = value["$ref"];
    const target = typeof reference === "string" ? parseReference(reference, component.file) : undefined;
    const isAlias =
      Object.keys(value).length === 1 && target?.section === component.section && target.name === component.name;
    return isAlias && target.file !== component.file ? definitionOf(target) : component;
  };

  const content = ({ file, section, name }: Component): SpecNode => {
    const value = child(read(file), "components", section)[name];
    if (!isNode(value)) {
      throw new Error(`openapi/${file} has no components.${section}.${name}`);
    }
    return value;
  };

  const rewrite = (value: unknown, file: string): unknown => {
    if (Array.isArray(value)) {
      return value.map((entry) => rewrite(entry, file));
    }
    if (!isNode(value)) {
      return value;
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        key === "$ref" && typeof inner === "string" ? include(parseReference(inner, file)) : rewrite(inner, file),
      ]),
    );
  };

  const { components: own, ...rest } = read(main);
  for (const [section, entries] of Object.entries(isNode(own) ? own : {})) {
    for (const name of Object.keys(isNode(entries) ? entries : {})) {
      include({ file: main, section, name });
    }
  }
  const document = rewrite(rest, main);
  const bundled = [...components].map(([section, entries]) => [
    section,
    Object.fromEntries([...entries].map(([name, { value }]) => [name, value])),
  ]);
  return { ...(isNode(document) ? document : {}), components: Object.fromEntries(bundled) };
}

function parseReference(reference: string, file: string): Component {
  const [, target, section, name] = REFERENCE.exec(reference) ?? [];
  if (target === undefined || section === undefined || name === undefined) {
    throw new Error(
      `openapi/${file}: the reference ${reference} must have the form file.yaml#/components/section/name`,
    );
  }
  return { file: target === "" ? file : target, section, name };
}
