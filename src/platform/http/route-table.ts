import type { FastifyInstance } from 'fastify';

/** The methods of each path, to distinguish 405 from 404: Fastify's router responds with 404 to both. */
export class RouteTable {
  private readonly methods = new Map<string, Set<string>>();
  private patterns: { readonly pattern: RegExp; readonly methods: Set<string> }[] = [];

  /** Records each route that is added from now on. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url, method }) => {
      // The route of CORS preflights, for any path.
      if (url === '*' || url === '/*') return;
      const known = this.methods.get(url) ?? new Set();
      for (const each of [method].flat()) known.add(each);
      if (!this.methods.has(url)) this.patterns.push({ pattern: toPattern(url), methods: known });
      this.methods.set(url, known);
    });
  }

  /** The methods of the path of a URL; empty for an unknown path. */
  allowed(url: string): string[] {
    const path = url.split('?', 1)[0] as string;
    return [
      ...new Set(this.patterns.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods])),
    ];
  }
}

/** Converts a path in Fastify's syntax (`/a/:b`, `/c/*`) to a regular expression. */
function toPattern(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[^\w-]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`);
}
