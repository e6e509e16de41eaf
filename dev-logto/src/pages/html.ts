/** Trusted HTML, which {@link html} does not escape. */
export class Html {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

type Value = Html | string | number | false | null | undefined | readonly Value[];

/** Template tag for HTML. Escapes all values except {@link Html}. `false`, null and undefined render nothing. */
export const html = (parts: TemplateStringsArray, ...values: Value[]): Html =>
  new Html(parts.reduce((text, part, index) => text + render(values[index - 1]) + part));

const render = (value: Value): string => {
  if (value === false || value === null || value === undefined) return '';
  if (Array.isArray(value)) return (value as Value[]).map(render).join('');
  return value instanceof Html ? value.toString() : escape(String(value));
};

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
