/** Formats the parameters of messages for a language. */
export function formattingFor(language: string) {
  const numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 20 });
  const lists = new Intl.ListFormat(language, { type: 'disjunction' });
  const number = (value: number) => numbers.format(value);
  return {
    /** `65,536` */
    number,
    /** `1 character`, `128 characters` */
    count: (value: number, one: string, other: string) => `${number(value)} ${value === 1 ? one : other}`,
    /** `a, b, or c` */
    anyOf: (items: readonly string[]) => lists.format(items),
    /** `"a", 1, or null` */
    anyJsonOf: (values: readonly unknown[]) => lists.format(values.map((value) => JSON.stringify(value))),
  };
}
