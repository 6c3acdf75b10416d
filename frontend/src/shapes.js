// What payloads look like: names, kinds and examples of values, read from payloads themselves. Pure.
const EXAMPLES_MAX = 5;
const DEPTH_MAX = 12;
const typeOf = (value) => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** @returns {{type: string, names?: object, items?: object, examples?: unknown[]}} */
export const shapeOf = (value, depth = 0) => {
  const type = typeOf(value);
  if (depth > DEPTH_MAX) return { type };
  if (type === "object") return { type, names: Object.fromEntries(Object.entries(value).map(([name, inside]) => [name, shapeOf(inside, depth + 1)])) };
  if (type === "array") return { type, ...(value.length ? { items: value.map((one) => shapeOf(one, depth + 1)).reduce(merged) } : {}) };
  return { type, examples: [value] };
};

/** Both at once: whatever either has. */
export const merged = (one, other) => {
  const names = { ...one.names };
  for (const [name, shape] of Object.entries(other.names ?? {})) names[name] = Object.hasOwn(names, name) ? merged(names[name], shape) : shape;
  const items = one.items && other.items ? merged(one.items, other.items) : one.items ?? other.items;
  const examples = [...new Set([...one.examples ?? [], ...other.examples ?? []])].slice(0, EXAMPLES_MAX);
  return {
    type: [...new Set([...one.type.split(" | "), ...other.type.split(" | ")])].join(" | "),
    ...(one.names || other.names ? { names } : {}), ...(items ? { items } : {}), ...(examples.length ? { examples } : {}),
  };
};

/** What stands at the end of that path, a star being any place of an array; nothing where no payload has it. */
export const shapeAt = (shape, path) => path.reduce((at, name) => (
  name === "*" ? at?.items : Object.hasOwn(at?.names ?? {}, name) ? at.names[name] : undefined), shape);

/** The text of a value to begin with: an example, or what opens an object or a list. */
export const skeleton = (shape) => (
  shape.names ? "{}" : shape.type.startsWith("array") ? (shape.items?.names ? "[{}]" : "[]") : JSON.stringify(shape.examples?.[0] ?? ""));
