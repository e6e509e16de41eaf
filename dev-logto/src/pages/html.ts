/** HTML that is safe to put into more HTML. */
export class Html {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

type Value = Html | string | number | false | null | undefined | readonly Value[];

/** Writes HTML; whatever is put in is escaped, unless it is {@link Html} itself. `false` and null leave no trace. */
export const html = (parts: TemplateStringsArray, ...values: Value[]): Html =>
  new Html(parts.reduce((text, part, index) => text + render(values[index - 1]) + part));

const render = (value: Value): string => {
  if (value === false || value === null || value === undefined) return '';
  if (Array.isArray(value)) return (value as Value[]).map(render).join('');
  return value instanceof Html ? value.toString() : escape(String(value));
};

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
