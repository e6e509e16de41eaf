import type { FastifyInstance } from 'fastify';

/** Which methods a path has, to distinguish 405 from 404, which Fastify's router does not. */
export class RouteTable {
  private readonly methods = new Map<string, Set<string>>();
  private patterns: { readonly pattern: RegExp; readonly methods: Set<string> }[] = [];

  /** Notes each route added from now on. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url, method }) => {
      // '*' is the route of preflights, for any path.
      if (url === '*' || url === '/*') return;
      const known = this.methods.get(url) ?? new Set();
      for (const each of [method].flat()) known.add(each);
      if (!this.methods.has(url)) this.patterns.push({ pattern: toPattern(url), methods: known });
      this.methods.set(url, known);
    });
  }

  /** The methods that the path of a URL has; empty for an unknown path. */
  allowed(url: string): string[] {
    const path = url.split('?', 1)[0] as string;
    return [
      ...new Set(this.patterns.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods])),
    ];
  }
}

/** A route's path in Fastify's syntax (`/a/:b`, `/c/*`) as an expression. */
function toPattern(url: string): RegExp {
  const source = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[^\w-]/g, '\\$&')))
    .join('/');
  return new RegExp(`^${source}$`);
}
