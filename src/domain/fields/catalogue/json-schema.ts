/** JSON Schema 2020-12. */
export type JsonSchema = Record<string, unknown>;

/** Whether the `type` keyword of a schema allows values of a JSON type, such as `object`; without the keyword, all are. */
export const allowsType = ({ type }: JsonSchema, name: string): boolean =>
  type === undefined || [type].flat().includes(name);
